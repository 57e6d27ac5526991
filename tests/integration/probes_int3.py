# SPDX-License-Identifier: Apache-2.0
"""Functions that nothing but a breakpoint fits into: each call is seen, the
program does with SIGTRAP what it always does, and one line says so.

usage: probes_int3.py
"""
import collections

from harness import (CHECKED, PRELOAD, check, check_that, events, plain, record,
                     report, summary, target, unharmed)

RULES = "tiny = tiny (number=arg1:i32); sum = tiny_sum (total=return:i32)"
LINE = (r"tiny is seen by a breakpoint \(int3\), which takes microseconds a "
        r"call, because it is too short for a jump")


def tally(trace):
  counts = collections.Counter()
  for event in events(trace):
    if event["kind"] in ("scope_begin", "scope_end"):
      counts[event["kind"], ("tiny", "sum")[event["rule"]]] += 1
  return {name: (counts["scope_begin", name], counts["scope_end", name])
          for name in ("tiny", "sum") if counts["scope_begin", name]}


def run_way(way, expected, *, recorder=PRELOAD, line=LINE, scopes=RULES, **env):
  """`expected`: by trace, calls of tiny() and of tiny_sum()."""
  run = unharmed(target("trapped"), way, line=line, recorder=recorder,
                 env={"SAGEMEM_SCOPES": scopes, **env})
  found = [tally(trace) for trace in run.traces if "trapped" in trace.name]
  check(f"calls of {way}", sorted(found, key=str), sorted(
      ({name: (calls, calls) for name, calls in one.items()}
       for one in expected), key=str))
  return run


for recorder in (PRELOAD, CHECKED):
  run = run_way("count", [{"tiny": 100001, "sum": 1}], recorder=recorder)
  dump = report("dump", run.trace).stdout
  for name in ("tiny", "tiny_sum"):
    check_that(f"begin end int3 too-short" in dump and f" {name}\n" in dump,
               f"{name} is not said to be seen by int3")
  check("stacks that differ", summary(run.trace)["notices"]["unwind_mismatch"],
        0)
scopes = report("scopes", run.trace).stdout
check_that("int3 at tiny (too-short)" in scopes, scopes)
numbers = [event["values"][0] for event in events(run.trace)
           if event["kind"] == "scope_begin" and event["rule"] == 0]
check("numbers", numbers, [*range(100000), 0])

run_way("threads", [{"tiny": 1, "sum": 8000}])
run_way("fork", [{"tiny": 21}, {"tiny": 30}])
# In the handlers: 4 times in that of handlers, once in that of masks.
run_way("handlers", [{"tiny": 8}])
run_way("masks", [{"tiny": 5, "sum": 2}])
run_way("jump", [{"tiny": 4}])
for way in ("raised", "int3", "blocked_int3"):
  run_way(way, [{"tiny": 1}])

# Nothing is written for what was not asked for, or not allowed.
run_way("count", [{}], line=None, scopes="no = no_such_function")
run_way("count", [{}], SAGEMEM_PROBES="jumps",
        line="tiny is not probed but inferred from call stacks, because it is "
             "too short for a jump")
# What the next image inherits.  Each of the two writes a line.
for way in ("ignored", "blocked"):
  before = plain(target("trapped"), way)
  after = record(target("trapped"), way, env={"SAGEMEM_SCOPES": RULES})
  check(f"exit code of {way}", after.code, before.code)
  check(f"stdout of {way}", after.stdout, before.stdout)
