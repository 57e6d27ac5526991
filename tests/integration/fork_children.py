# SPDX-License-Identifier: Apache-2.0
"""Children that are forked and never exec are recorded, each in a trace of its
own; what they free of their parent's is not an error."""
import sys

from harness import check, check_exact, summary, target, unharmed

children = int(sys.argv[1])
run = unharmed(target("fork_child"), children)
check("traces", len(run.traces), children + 1)
parent = summary(run.own_trace)
check_exact(parent)
check("parent", parent["totals"]["allocations"], 50)
check("parent leaks", parent["leaked"]["blocks"], 0)
for trace in run.traces:
  if trace == run.own_trace:
    continue
  child = summary(trace)
  check_exact(child)
  check("child", child["totals"]["allocations"], 20)
  check("child's leaks", child["leaked"]["blocks"], 0)
  check("blocks of the parent", child["anomalies"]["inherited_releases"], 1)
