# SPDX-License-Identifier: Apache-2.0
"""RLIMIT_FSIZE ends the recording without SIGXFSZ for the program; with a
handler of its own, the program never sees the signal either."""
import resource

from harness import (check, check_consistent, check_that, report, summary,
                     target, unharmed)


def run_with(limit):
  def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

  return unharmed(target("flood"), "1000000", line="errno 27",
                  preexec_fn=limit_files)


for size in (0, 1000, 4096, 100_000, 1 << 20, (1 << 20) + 1):
  run = run_with(size)
  for trace in run.traces:
    check_that(trace.stat().st_size <= size, f"{trace} is too large")
    if size < 100_000:
      report("summary", trace, want=None)
      continue
    result = summary(trace)
    check_consistent(result)
    check("exact", result["exact"], False)
    check_that(result["lost"]["events"] > 0, "nothing is said to be lost")
  check_that(size < 100_000 or run.traces, "no trace at all")
