# SPDX-License-Identifier: Apache-2.0
"""Children that are forked at any moment of their parent's recording end well,
and each leaves a trace that reads."""
from harness import check, check_consistent, record, report, summary, target

CHILDREN = 300
run = record(target("fork_storm"), CHILDREN)
check("exit code", run.code, 0)
check("children that did not end well", run.claims["failed"], 0)
check("traces", len(run.traces), 1 + CHILDREN)
check_consistent(summary(run.own_trace))
for trace in run.traces:
  if trace != run.own_trace:
    report("summary", trace)
