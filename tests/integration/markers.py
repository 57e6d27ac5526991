# SPDX-License-Identifier: Apache-2.0
"""Scopes that a program names itself through sagemem.h.

usage: markers.py TARGET
"""
import re
import sys

from harness import as_json, check, check_that, target, unharmed

run = unharmed(target(sys.argv[1]), mask=lambda text: re.sub(r"\d+", "N", text))


def scopes(trace):
  return sorted(as_json("scopes", trace)["scopes"],
                key=lambda scope: (scope["name"], scope["number"]))


def names(found):
  return [(scope["name"], scope["number"]) for scope in found]


own = scopes(run.own_trace)
children = [trace for trace in run.traces if trace != run.own_trace]
numbers = [*range(5), 100]
check("scopes", names(own), [("forest", n) for n in numbers] +
      [("grow", 10 * n) for n in numbers] + [("parent", 7)])
for scope in own:
  if scope["name"] == "forest":
    check("halos", scope["captured"],
          {"number": scope["number"], "nhalos": 1000 + scope["number"]})
    # Its own 1000 bytes and the 400 of what is nested in it.
    leaks = scope["number"] == 3
    check("peak", scope["peak_bytes"], 1400)
    check("blocks", scope["allocations"], 6 if leaks else 5)
    check("escaped", (scope["escaped_blocks"], scope["escaped_bytes"]),
          (1, 77) if leaks else (0, 0))
  elif scope["name"] == "grow":
    check("nested", (scope["peak_bytes"], scope["allocations"]), (400, 4))
  check_that(scope["begin_ns"] <= scope["end_ns"], scope)

check("traces of children", len(children), 1)
child = scopes(children[0])
check("scopes of the child", names(child), [("parent", 7)])
check("what it allocates there", child[0]["peak_bytes"], 5000)
labels = [one["label"] for one in
          as_json("scopes", run.own_trace)["snapshots"]]
check("snapshots", labels, ["after the forests"])
