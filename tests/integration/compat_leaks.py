# SPDX-License-Identifier: Apache-2.0
"""Nothing is lost by an unmodified program but what the built-in suppressions
name, and the leak scan changes nothing of what it says and writes.  What a
program of our own loses on purpose is in compat.supp.

usage: compat_leaks.py PROGRAM
"""
import sys
from pathlib import Path

import compat_programs
from compat import compare, run_once
from harness import as_json, check_that, fail, plain, record, report, scratch


def is_scanned(trace):
  return as_json("leaks", trace, "--top", "1")["scan"]["complete"]


def check_clean(traces, known):
  """As a job in CI has it: the verdict of all of them is that nothing is
  lost."""
  verdict = report("check", *traces, "--check", "leaked.lost.blocks == 0",
                   *known, want=None)
  if verdict.code != 0:
    fail(f"{verdict.code}: {verdict.stdout} {verdict.stderr}" +
         "\n".join(report("leaks", trace, "--full-stack", *known).stdout
                   for trace in traces[:5]))


def main(name):
  case = compat_programs.CASES[name]
  case.require()
  place = scratch()
  inputs, traces = place / "inputs", place / "traces"
  inputs.mkdir()
  traces.mkdir()
  case.make_inputs(inputs)
  before = run_once(case, inputs, place, plain)
  again = run_once(case, inputs, place, plain)
  after = run_once(case, inputs, place, record, SAGEMEM_LEAK_SCAN="1",
                   SAGEMEM_OUTPUT=str(traces / "%p.%n.smt"))
  compare(case, before, again, after)
  scanned = [trace for trace in sorted(traces.iterdir()) if is_scanned(trace)]
  check_that(scanned, "no process was scanned")
  known = []
  for name in case.suppressions:
    known += ["--suppressions", Path(__file__).with_name(name)]
  check_clean(scanned, known)
  print(f"{len(scanned)} processes, nothing lost")


if __name__ == "__main__":
  main(sys.argv[1])
