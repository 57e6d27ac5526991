# SPDX-License-Identifier: Apache-2.0
"""clang-tidy on every translation unit of the build, as many at a time as there
are processors; the rules are in .clang-tidy.

A unit that was clean is not looked at again until it, a header, the rules or
its command change: a stamp in the build directory says so.

Unit tests are left out: Catch2's one header takes longer to analyze than all of
the project.

usage: check_tidy.py SOURCE_ROOT BUILD_ROOT CLANG_TIDY
"""
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source_files import source_files

# clang does not know all that gcc is asked for: warnings, which it can be told
# to pass over, and code generation, which it cannot.
GCC_ONLY = re.compile(r" -(f(fixed-|call-saved-|no-lifetime-dse|no-ipa-)\S*"
                      r"|mgeneral-regs-only)")
# Warnings are gcc's to give; clang's own are about what only gcc knows.
FLAGS = ["--quiet", "--extra-arg=-w", "--extra-arg=-fsized-deallocation"]


def commands_of(source_root, build_root, place):
  """{unit: command}, each unit once, and written to `place` like that:
  clang-tidy looks at a unit as often as the database names it."""
  database = json.loads((build_root / "compile_commands.json").read_text())
  commands = {}
  for entry in database:
    path = (build_root / entry["file"]).resolve()
    if path.is_relative_to(source_root) and not is_skipped(path):
      entry["command"] = GCC_ONLY.sub("", entry["command"])
      commands.setdefault(path, entry)
  place.mkdir(exist_ok=True)
  text = json.dumps(list(commands.values()))
  (place / "compile_commands.json").write_text(text)
  return commands


def is_skipped(path):
  return (path.suffix not in (".c", ".cpp") or not path.is_file()
          or "catch2/catch.hpp" in path.read_text())


def digest(*contents):
  result = hashlib.sha256()
  for content in contents:
    result.update(content)
  return result.hexdigest()


class Tidy:
  def __init__(self, tool, source_root, place):
    self.tool = tool
    self.place = place
    common = source_files(source_root, ".h")
    common += [path for path in source_files(source_root)
               if path.name == ".clang-tidy"]
    self.common = digest(*[path.read_bytes() for path in common])

  def check(self, unit, command):
    """(clean, what clang-tidy said)"""
    key = digest(self.common.encode(), command["command"].encode(),
                 unit.read_bytes())
    stamp = self.place / f"{digest(bytes(unit))}.clean"
    if stamp.is_file() and stamp.read_text() == key:
      return True, ""
    result = subprocess.run([self.tool, *FLAGS, "-p", self.place, unit],
                            capture_output=True, text=True, check=False)
    clean = result.returncode == 0
    if clean:
      stamp.write_text(key)
    return clean, result.stdout


def main():
  source_root, build_root = (Path(word).resolve() for word in sys.argv[1:3])
  place = build_root / "tidy"
  commands = commands_of(source_root, build_root, place)
  tidy = Tidy(sys.argv[3], source_root, place)
  failed = 0
  with ThreadPoolExecutor(os.cpu_count()) as pool:
    for clean, output in pool.map(tidy.check, commands, commands.values()):
      print(output, end="", flush=True)
      failed += not clean
  print(f"{len(commands)} files, {failed} with problems")
  sys.exit(1 if failed else 0)


if __name__ == "__main__":
  main()
