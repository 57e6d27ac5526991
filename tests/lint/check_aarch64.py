# SPDX-License-Identifier: Apache-2.0
"""Every source of the recorder compiles for aarch64, with the warnings that the
build knows.  Compiled, not linked: there is no libunwind to link with.

usage: check_aarch64.py SOURCE_ROOT BUILD_ROOT COMPILER
"""
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# What only x86-64 has, where output goes, and time that nothing is gained by.
DROPPED = re.compile(r" -(ffixed-rbp|flto\S*|ffat-lto-objects|MD|M[QFT] \S+"
                     r"|mgeneral-regs-only"
                     r"|o \S+|c \S+|isystem\S+)")
# Headers that do not depend on the machine, from the machine's own directory,
# which as a whole would bring the wrong C library.
HEADERS = ("xxhash.h", "libunwind")


def commands(source_root, build_root):
  """{source: arguments}, each source of preload/ once."""
  result = {}
  for entry in json.loads((build_root / "compile_commands.json").read_text()):
    path = (build_root / entry["file"]).resolve()
    is_ours = path.is_relative_to(source_root / "preload")
    if is_ours and path.suffix == ".cpp":
      words = DROPPED.sub("", entry["command"]).split()
      result.setdefault(path, [word for word in words if word[0] == "-"])
  return result


def main():
  source_root, build_root = (Path(word).resolve() for word in sys.argv[1:3])
  units = commands(source_root, build_root)
  with tempfile.TemporaryDirectory() as place:
    for name in HEADERS:
      Path(place, name).symlink_to(Path("/usr/include", name))

    def compile_one(unit):
      return subprocess.run(
          [sys.argv[3], *units[unit], "-isystem", place,
           "-isystem", f"{place}/libunwind", "-c", unit, "-o", "/dev/null"],
          cwd=build_root, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(2) as pool:
      results = list(pool.map(compile_one, units))
  for result in results:
    print(result.stderr, end="")
  failed = sum(result.returncode != 0 for result in results)
  print(f"{len(units)} sources, {failed} do not compile")
  sys.exit(1 if failed or not units else 0)


main()
