# SPDX-License-Identifier: Apache-2.0
"""SAGEMEM_MAX_BYTES: the trace stays within it, the program is not disturbed,
and its totals are exact all the same, in one thread and in many."""
from harness import (check, check_consistent, check_that, report, summary,
                     target, unharmed)

LINE = "SAGEMEM_MAX_BYTES allows"
LIMITS = (("1", 65536), ("64k", 65536), ("200K", 200 << 10), ("1m", 1 << 20),
          ("2M", 2 << 20))


def check_limited(threads, limit, *command):
  """Like check_totals(), but that nothing else than the totals is exact."""
  run = unharmed(target(command[0]), *command[1:], line=LINE,
                 env={"SAGEMEM_MAX_BYTES": limit})
  claims = run.claims
  text = report("summary", run.trace).stdout
  check_that("SAGEMEM_MAX_BYTES" in text and "to the end" in text,
             f"the report does not say it: {text}")
  result = summary(run.trace)
  check_consistent(result)
  recording = result["recording"]
  check("exact", result["exact"], False)
  check("stop_reason", recording["stop_reason"], "size_limit")
  check("stop_errno", recording["stop_errno"], None)
  totals = result["totals"]
  check("allocations", totals["allocations"] - claims["allocations"]
        in range(threads + 1), True)
  check("frees", totals["frees"] - claims["releases"] in range(threads + 1),
        True)
  check("bytes", totals["bytes_allocated"] - claims["bytes"]
        in range(1024 * threads + 1), True)
  late = recording["after_stop"]
  check("lost", result["lost"]["events"], late["allocations"] + late["frees"])
  return run.trace


for size, most in LIMITS:
  for threads in (0, 4):
    trace = check_limited(threads, size, "flood", "400000", threads)
    check_that(trace.stat().st_size <= most, f"{size}: longer than {most}")
check_limited(0, "1", "realloc_chain")
check_limited(8, "1", "threads")
report("pack", trace)
check("packed", summary(trace)["recording"]["stop_reason"], "size_limit")
for size in ("0", "", "-1", "1T", "1KB", "x", "99999999999999999999"):
  unharmed(target("plain_c"), line="SAGEMEM_MAX_BYTES: ",
           env={"SAGEMEM_MAX_BYTES": size})
unharmed(target("plain_c"), env={"SAGEMEM_MAX_BYTES": "1G"})
