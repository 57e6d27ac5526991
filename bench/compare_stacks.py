#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs programs under libsagemem_checked.so, which has libunwind walk each
stack as well, until so many stacks were compared, and says how many differed.

usage: compare_stacks.py [--stacks N] [--only NAME,...] [--sage NAME=COMMAND]

How many were compared is what the traces say: each allocation has one stack,
but those that count as inexact are not compared, and those of fork children are
not counted, because a child of several threads may not ask libunwind.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import programs

SOURCE = Path(__file__).resolve().parent.parent
# Which stacks have no exact one to be compared with.
INEXACT = ("stack_guessed", "stack_by_libunwind", "stack_truncated",
           "unwind_failed")
FLAGGED = ("stack_guessed", "stack_by_libunwind")
GENERATED_FLAGS = (["-O2"], ["-O1", "-fomit-frame-pointer"],
                   ["-O2", "-fno-omit-frame-pointer"], ["-Os"], ["-O3"],
                   ["-O2", "-mstackrealign"])
NODE_SCRIPT = """
const parts = [];
for (let i = 0; i < 20000; i++) {
  parts.push(Buffer.allocUnsafeSlow(64 + i % 100));
  if (i % 100 === 0) JSON.parse(JSON.stringify({ i, list: [i, `${i}`] }));
}
new Intl.NumberFormat("en").format(parts.length);
"""


def arguments():
  parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
  parser.add_argument("--build", type=Path, default=SOURCE / "build",
                      metavar="DIRECTORY")
  parser.add_argument("--stacks", type=int, default=10_000_000, metavar="N",
                      help="compare so many in all; programs take turns")
  parser.add_argument("--only", metavar="NAME,...",
                      help="these programs alone")
  parser.add_argument("--sage", action="append", default=[],
                      type=programs.named, metavar="NAME=COMMAND",
                      help="run this program too, in the present directory")
  parser.add_argument("--seed", type=int, default=random.randrange(1 << 30),
                      help="of the first program that is made up")
  return parser.parse_args()


def debugger(examples):
  if shutil.which("gdb") is None:
    return None
  return programs.Program("gdb", [
      "gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off",
      "-ex", "break main", "-ex", "info functions tree", "-ex", "info types",
      "-ex", "info scope main", examples / "minisage"])


def node():
  if shutil.which("node") is None:
    return None
  return programs.Program("node", ["node", "-e", NODE_SCRIPT])


def generated(seed, scratch):
  """The program of that seed: each with other options of the compiler."""
  if shutil.which("c++") is None:
    return None
  stress = SOURCE / "tests/stress"
  source = subprocess.run(
      [sys.executable, stress / "generate_program.py", str(seed)], check=True,
      capture_output=True).stdout
  (scratch / "generated.cpp").write_bytes(source)
  program = scratch / "generated"
  subprocess.run(
      ["c++", "-std=c++20", "-g", *GENERATED_FLAGS[seed % len(GENERATED_FLAGS)],
       "-pthread", "-fno-optimize-sibling-calls", "-fno-ipa-icf",
       "-D_GNU_SOURCE", f"-I{stress}", f"-I{SOURCE / 'tests/targets'}",
       scratch / "generated.cpp", "-o", program], check=True)
  return programs.Program("generated", [program, str(seed)])


def rounds(options, scratch):
  """The programs in turn, without end."""
  build = options.build.resolve()
  fixed = programs.all_programs(1, build, SOURCE, scratch, options.sage)
  fixed += [debugger(build / "examples"), node()]
  wanted = options.only.split(",") if options.only else None
  fixed = [program for program in fixed
           if program and (wanted is None or program.name in wanted)]
  seed = options.seed
  while True:
    yield from fixed
    if wanted is None or "generated" in wanted:
      program = generated(seed, scratch)
      seed += 1
      if program:
        yield program
    elif not fixed:
      sys.exit(f"compare_stacks.py: no such program: {options.only}")


class Counts:
  def __init__(self):
    self.runs = 0
    self.compared = 0
    self.different = 0
    self.flagged = 0

  def add(self, other):
    for key, value in vars(other).items():
      setattr(self, key, getattr(self, key) + value)


def read_trace(report, trace):
  text = subprocess.run([report, "summary", "--json", trace], check=True,
                        capture_output=True).stdout
  summary = json.loads(text)
  notices = summary["notices"]
  counts = Counts()
  counts.different = notices["unwind_mismatch"]
  counts.flagged = sum(notices[key] for key in FLAGGED)
  if not summary["process"]["forked"]:
    counts.compared = max(0, summary["totals"]["allocations"] -
                          sum(notices[key] for key in INEXACT))
  return counts


def run(program, options, scratch):
  """What the traces of one run say, of children too."""
  build = options.build.resolve()
  place = Path(tempfile.mkdtemp(dir=scratch))
  words = [str(word) for word in program.command]
  env = dict(os.environ, SAGEMEM_QUIET="1", SAGEMEM_PACK="off",
             SAGEMEM_OUTPUT=f"{place}/%e.%p.smt",
             LD_PRELOAD=str(build / "preload/checked/libsagemem_checked.so"))
  while "=" in words[0] and "/" not in words[0].split("=")[0]:
    key, _, value = words.pop(0).partition("=")
    env[key] = value
  done = subprocess.run(words, env=env, cwd=program.directory or place,
                        stdin=subprocess.DEVNULL, capture_output=True,
                        check=False)
  if done.returncode != 0:
    sys.exit(f"compare_stacks.py: {program.name} ended with "
             f"{done.returncode}: {done.stderr.decode(errors='replace')}")
  counts = Counts()
  for trace in sorted(place.glob("*.smt")):
    counts.add(read_trace(build / "analyzer/cli/sagemem-report", trace))
  if counts.compared == 0:
    sys.exit(f"compare_stacks.py: no stack of {program.name} was compared")
  shutil.rmtree(place)
  counts.runs = 1
  return counts


def table(by_program):
  total = Counts()
  lines = ["| program | runs | stacks compared | different | flagged |",
           "|---|---|---|---|---|"]
  for counts in by_program.values():
    total.add(counts)
  for name, counts in [*by_program.items(), ("all", total)]:
    lines.append(f"| {name} | {counts.runs} | {counts.compared} | "
                 f"{counts.different} | {counts.flagged} |")
  return "\n".join(lines), total


def main():
  options = arguments()
  by_program = {}
  with tempfile.TemporaryDirectory(prefix="sagemem-stacks.") as place:
    scratch = Path(place)
    turns = rounds(options, scratch)
    names = set()
    # Each program once at least, whatever it takes.
    while True:
      program = next(turns)
      is_round_over = program.name in names
      done = sum(counts.compared for counts in by_program.values())
      if is_round_over and done >= options.stacks:
        break
      names.add(program.name)
      counts = run(program, options, scratch)
      by_program.setdefault(program.name, Counts()).add(counts)
      print(f"{program.name}: {counts.compared} compared, "
            f"{counts.different} different", file=sys.stderr, flush=True)
  text, total = table(by_program)
  print(f"First made-up program: --seed {options.seed}\n\n{text}")
  sys.exit(1 if total.different else 0)


if __name__ == "__main__":
  main()
