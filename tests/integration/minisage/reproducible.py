# SPDX-License-Identifier: Apache-2.0
"""Two runs of one program, each in another place of memory, another process
and another directory, give the same reports under --reproducible, byte by
byte: as text, as JSON and as CSV.

python3 gets a fixed seed for its hashes; what it allocates depends on nothing
else."""
import sys

from example import command, work_place
from harness import check, check_that, record, report, scratch

PYTHON = """
import json
trees = {f"halo{i}": [i] * (i % 17) for i in range(2000)}
text = json.dumps(trees)
again = json.loads(text)
del trees
print(len(text), len(again))
"""
REPORTS = [["summary"], ["peak", "--full-stack"], ["leaks"], ["sites"],
           ["categories"], ["threads"], ["modules"], ["sizes"],
           ["lifetimes", "--by-site"], ["temporary"], ["blocks"],
           ["at", "peak"], ["between", "peak", "end"], ["scopes"], ["info"],
           ["--size", "64..1KiB", "sites"]]


def trace_of(*words, env=None, place=None):
  run = record(*words, env=env, directory=place or scratch())
  check("exit code", run.code, 0)
  return run.trace


def compare(first, second):
  check_that(first != second, "one trace")
  for words in REPORTS:
    for form in ([], ["--json"], ["--csv"]):
      one, two = (report(*words, "--reproducible", *form, trace).stdout
                  for trace in (first, second))
      check(f"{words} {form}", one.splitlines(), two.splitlines())
      check_that(one, f"{words} {form} says nothing")


if sys.argv[1] == "minisage":
  compare(*(trace_of(*command(), place=work_place()) for _ in range(2)))
else:
  compare(*(trace_of(sys.executable, "-I", "-c", PYTHON,
                     env={"PYTHONHASHSEED": "0"}) for _ in range(2)))
