# SPDX-License-Identifier: Apache-2.0
"""Functions without room for a jump of five bytes, or with something that
branches into their first five, are seen through a short jump into padding, and
say so; where there is none, by a breakpoint, or nothing is changed.

usage: probes_short.py full|labels|jumps|label_jumps
"""
import collections
import re
import sys

from harness import check, events, report, summary, target, unharmed

METHODS = {"short_gap": "short-jump too-short",
           "short_next": "call-through",
           "short_loop": "short-jump jumped-into",
           "short_cold": "short-jump jumped-into",
           "short_beside": "short-jump jumped-into",
           "short_packed": "int3 too-short",
           "short_empty": "call-through"}
is_full = sys.argv[1] in ("full", "jumps")
is_jumps = sys.argv[1] in ("jumps", "label_jumps")
if is_jumps:
  METHODS["short_packed"] = "inferred too-short"
LABEL_METHODS = {name: method.replace("call-through", "entry-only")
                 for name, method in METHODS.items()}

rules = [f"{name} = {name} (number = arg1:i32)" if is_full else
         f"label {name} = {name} (arg1:i32)" for name in METHODS]
step_down = ("but inferred from call stacks" if is_full else
             "and its values are missing")
line = (f"short_packed is not probed,? {step_down}, because it is too short "
        "for a jump" if is_jumps else "short_packed is seen by a breakpoint")
run = unharmed(target("probed_short"), line=line,
               env={"SAGEMEM_SCOPES": ";".join(rules),
                    "SAGEMEM_PROBES": "jumps" if is_jumps else "auto"})
dump = report("dump", run.trace).stdout
methods = {}
for line in dump.splitlines():
  match = re.search(r"session probe \d+ ((?:begin |end )+)(\S+(?: \S+)?) "
                    r"0x[0-9a-f]+ \d+ (\S+)$", line)
  if match:
    methods[match[3]] = match[2]
check("methods", methods, METHODS if is_full else LABEL_METHODS)
names = list(METHODS)
numbers = collections.defaultdict(list)
ends = collections.Counter()
for event in events(run.trace):
  if event["kind"] in ("scope_begin", "label"):
    numbers[names[event["rule"]]].append(event["values"][0])
  if event["kind"] == "scope_end":
    ends[names[event["rule"]]] += 1
for name in names:
  if name == "short_packed" and is_jumps:
    check(f"calls of {name}", numbers[name], [])
  elif name == "short_packed":
    check(f"calls of {name}", bool(numbers[name]), True)
  elif name == "short_empty":
    check(f"calls of {name}", set(numbers[name]), {6})
  else:
    check(f"calls of {name}", numbers[name], list(range(1, 101)))
  if is_full and not (is_jumps and name == "short_packed"):
    check(f"ends of {name}", ends[name], 100)
# A scope can be inferred from call stacks; what a label would have said, not.
check("functions that are not seen",
      summary(run.trace)["notices"]["probes_refused"],
      1 if is_jumps and not is_full else 0)
