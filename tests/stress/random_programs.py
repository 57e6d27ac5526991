# SPDX-License-Identifier: Apache-2.0
"""Random programs: each stack is the one that the program knows to be true, and
the one that libunwind sees, in threads and in a fork child too.

usage: random_programs.py GENERATOR TARGETS FIRST_SEED COUNT
"""
import subprocess
import sys
from pathlib import Path

from harness import (CHECKED, check, check_consistent, check_that, need, record,
                     scratch, summary)
from truth import compare_all

FLAGS = [["-O2"], ["-O1", "-fomit-frame-pointer"],
         ["-O2", "-fno-omit-frame-pointer"], ["-Os"], ["-O3"],
         ["-O2", "-mstackrealign"]]


def build(seed):
  """The program of that seed, each with other options of the compiler."""
  generator, targets = (Path(word).resolve() for word in sys.argv[1:3])
  place = scratch()
  source = subprocess.run([sys.executable, generator, str(seed)], check=True,
                          capture_output=True).stdout
  (place / "program.cpp").write_bytes(source)
  subprocess.run(
      ["c++", "-std=c++20", "-g", *FLAGS[seed % len(FLAGS)], "-pthread",
       "-fno-optimize-sibling-calls", "-fno-ipa-icf", "-D_GNU_SOURCE",
       f"-I{generator.parent}", f"-I{targets}", "program.cpp", "-o", "program"],
      cwd=place, check=True)
  return place / "program"


need("c++")
first, count = int(sys.argv[3]), int(sys.argv[4])
for seed in range(first, first + count):
  run = record(build(seed), seed, recorder=CHECKED, seconds=240)
  check(f"seed {seed}: exit code, saying {run.stdout}", run.code, 0)
  check(f"seed {seed}: traces", len(run.traces), 2)
  seen = compare_all(run)
  for trace in run.traces:
    result = summary(trace)
    check_consistent(result)
    check(f"seed {seed}: stacks that differ",
          result["notices"]["unwind_mismatch"], 0)
  print(f"seed {seed}: {seen} stacks", flush=True)
  check_that(seen >= 300, f"seed {seed}: only {seen} stacks")
