# SPDX-License-Identifier: Apache-2.0
"""Functions of every kind are probed: the program computes what it always
does, each call is seen to begin and to end, also those that an exception, a
jump or the end of the thread leaves, and in a fork child.

usage: probes.py plain|checked|entry|off|refused
"""
import collections
import sys

from harness import (CHECKED, PRELOAD, check, check_that, events, report,
                     summary, target, unharmed)

RULES = """
  many_words = many_words (number=arg1); many_doubles = many_doubles
  long_double = long_double (n=arg1:i32); by_value = by_value (number=arg1)
  large_result = large_result; pair_result = pair_result (count=return)
  variadic = variadic; recursive = recursive (number=arg1)
  tail_called = tail_called; tail_calling = tail_calling (number=arg1)
  nothing = nothing; throwing = throwing (number=arg1:i32)
  private_one = _ZL11private_onelPKl; private_double = _ZL14private_doubled
  throwing_words = throwing_words; jumping = jumping (number=arg1:i32)
  cancelled = cancelled; exiting = exiting; handled = handled (number=arg1:i32)
  of_thread = of_thread (number=arg1); interpreted = interpreted
  cloned = _ZL6clonedllPKl (number=arg2)
"""
CALLS = {"many_words": 100, "many_doubles": 100, "long_double": 100,
         "by_value": 100, "large_result": 100, "pair_result": 100,
         "recursive": 600, "tail_called": 100, "tail_calling": 100,
         "nothing": 100, "private_one": 100, "private_double": 15400,
         "cloned": 100, "handled": 100, "of_thread": 8000}
LEFT = {"throwing": 40, "throwing_words": 10, "jumping": 40, "cancelled": 10,
        "exiting": 10}
REFUSED = {"off": "SAGEMEM_PROBES", "entry": "SAGEMEM_PROBES",
           "refused": "code pages may not be changed"}

way = sys.argv[1]
command = [target("probed")]
env = {"SAGEMEM_SCOPES": RULES}
line = "(variadic|interpreted) is not probed"
if way in ("entry", "off"):
  env["SAGEMEM_PROBES"] = way
if way == "refused":
  command = [target("confine"), "no-code-changes", "env", "SAGEMEM_OFF=0",
             *command]
  env["SAGEMEM_OFF"] = "1"
if way in REFUSED:
  line = f"not probed but inferred from call stacks, because {REFUSED[way]}"

run = unharmed(*command, env=env, line=line,
               recorder=CHECKED if way == "checked" else PRELOAD)
names = {index: rule.split("=")[0].strip() for index, rule in enumerate(
    rule for rule in RULES.replace("\n", ";").split(";") if rule.strip())}


def tally(trace):
  """Begins, ends, and ends by something else than a return, by name."""
  begun, ended, left = (collections.Counter() for _ in range(3))
  for event in events(trace):
    if event["kind"] == "scope_begin":
      begun[names[event["rule"]]] += 1
    if event["kind"] == "scope_end":
      (left if event["abandoned"] else ended)[names[event["rule"]]] += 1
  return begun, ended, left


def numbers(trace, name):
  return [event["values"][0] for event in events(trace)
          if event["kind"] == "scope_begin" and names[event["rule"]] == name]


for trace in run.traces:
  result = summary(trace)
  check("stacks that differ", result["notices"]["unwind_mismatch"], 0)
  check("scopes missed", result["notices"]["scopes_missed"], 0)
traces = [trace for trace in run.traces if "probed" in trace.name]
check("traces", len(traces), 2)
if way in REFUSED:
  check("scopes", [sum(map(len, tally(trace))) for trace in traces], [0, 0])
  sys.exit(0)
dump = report("dump", traces[0]).stdout
for reason in ("stack-arguments", "jumped-into"):
  check_that(f"inferred {reason} " in dump, f"none is refused for {reason}")
traces.sort(key=lambda trace: trace.stat().st_size)
child, parent = traces
check("calls in the child", tally(child)[:2], ({"of_thread": 50},) * 2)
begun, ended, left = tally(parent)
check("calls", begun, {**CALLS, **LEFT})
check("calls that returned", ended, CALLS)
check("calls that were left", left, LEFT)
check("numbers of calls", numbers(parent, "many_words"), list(range(100)))
# Which argument of a clone is which is not known; a compiler may make none.
check_that(numbers(parent, "cloned") in ([-2 ** 63] * 100, [5] * 100),
           f"numbers of a clone: {numbers(parent, 'cloned')}")
check("numbers in the child", numbers(child, "of_thread"), list(range(50)))
