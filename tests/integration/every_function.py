# SPDX-License-Identifier: Apache-2.0
"""Every function that takes or gives back memory is recorded under its own name
with its own size: one allocation and one release for each call, in order.

libstdc++'s operators call malloc and free, and are recorded as those, with the
size that it asked for: aligned operator new rounds up to the alignment.  An
allocator's own operators are recorded as operators.

usage: every_function.py [ALLOCATOR]
"""
import ctypes.util
import re
import sys

from harness import check, check_that, events, record, skip, summary, target

ALIGNMENT = 64
behind = [ctypes.util.find_library(name) for name in sys.argv[1:]]
if None in behind:
  skip(f"no library {sys.argv[1]}")


def recorded_calls(trace):
  """(taker, size, releaser) in the order of the releases."""
  live = {}
  for event in events(trace):
    if event["kind"] == "alloc":
      live[event["address"]] = (event["api"], event["size"])
    elif event["kind"] == "free" and event["address"] in live:
      yield (*live.pop(event["address"]), event["api"])


def is_same(seen, taker, size, releaser):
  if "new" in taker and not behind:
    if seen == ("malloc", size, "free"):
      return True
    rounded = (size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
    return seen == ("aligned_alloc", rounded, "free")
  # jemalloc's aligned operators call aligned_alloc by its public name.
  takers = (taker, "aligned_alloc") if "new" in taker else (taker,)
  return seen in [(name, size, releaser) for name in takers]


# jemalloc has no pvalloc, and frees no block of glibc's.
without = ["without pvalloc"] if "jemalloc" in sys.argv else []
run = record(target("every_function"), *without, behind=behind)
check("exit code", run.code, 0)
expected = re.findall(r"expect (.+) (\d+) (.+)", run.stdout)
check("calls", len(expected), 23 - len(without))
seen = list(recorded_calls(run.trace))
for taker, size, releaser in expected:
  check_that(any(is_same(call, taker, int(size), releaser) for call in seen),
             f"no {taker} {size} {releaser} in {seen}")
check("exact", summary(run.trace)["exact"], True)
