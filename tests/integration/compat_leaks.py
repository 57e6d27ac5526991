# SPDX-License-Identifier: Apache-2.0
"""Nothing is lost by an unmodified program but what the built-in suppressions
and compat.supp name, and the leak scan changes nothing of what it says and
writes.

usage: compat_leaks.py PROGRAM
"""
import sys
from pathlib import Path

import compat_programs
from compat import compare, run_once
from harness import as_json, check_that, fail, plain, record, report, scratch

KNOWN = ("--suppressions", str(Path(__file__).with_name("compat.supp")))


def lost_in(trace):
  leaks = as_json("leaks", trace, "--top", "3", "--full-stack", *KNOWN)
  if not leaks["scan"]["complete"]:
    return None
  classes = leaks["classes"]
  return classes["lost"]["blocks"] + classes["indirectly_lost"]["blocks"]


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
  scanned, leaking = 0, []
  for trace in sorted(traces.iterdir()):
    lost = lost_in(trace)
    scanned += lost is not None
    if lost:
      leaking.append(trace)
  check_that(scanned > 0, "no process was scanned")
  if leaking:
    fail("\n".join(report("leaks", trace, "--full-stack", *KNOWN).stdout
                   for trace in leaking[:5]))
  print(f"{scanned} processes, nothing lost")


if __name__ == "__main__":
  main(sys.argv[1])
