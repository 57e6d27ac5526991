# SPDX-License-Identifier: Apache-2.0
"""Loading, unloading, throwing, allocating and forking at the same time does
not stop: the timeout of the harness is the test."""
from harness import check_consistent, report, summary, target, unharmed

for _ in range(3):
  run = unharmed(target("loader_storm"), "150")
  check_consistent(summary(run.own_trace))
for trace in run.traces:
  report("summary", trace)
