# SPDX-License-Identifier: Apache-2.0
"""In front of another allocator, preloaded or linked, the record is the same:
nothing unknown, nothing twice, totals as the program claims.

usage: other_allocators.py preloaded|linked ALLOCATOR
"""
import ctypes.util
import os
import sys

from harness import check_consistent, check_that, record, skip, summary, target

way, name = sys.argv[1:]
if way == "linked":
  program, behind = target(f"linked_{name}"), ()
  if not os.path.exists(program):
    skip(f"no {name} to link with when this was built")
else:
  library = ctypes.util.find_library(name)
  if library is None:
    skip(f"no library {name}")
  program, behind = target("exchange"), (library,)

run = record(program, "8", "20000", behind=behind)
check_that(run.code == 0 and not run.stderr, f"{run.code} {run.stderr}")
result = summary(run.trace)
check_consistent(result)
check_that(result["exact"], f"not exact: {result}")
extra = result["totals"]["allocations"] - run.claims["allocations"]
# The C library's blocks for threads, and what the allocator takes for itself
# from the C library: few, and constant.
check_that(0 <= extra <= 200, f"{extra} allocations too many")
