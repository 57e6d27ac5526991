# SPDX-License-Identifier: Apache-2.0
"""The summary at the end: on standard error, of the program itself, or of every
process when asked for."""
from harness import check, check_that, report
from runner import sagemem_run

run = sagemem_run("--quiet", "sh", "-c", "ls -d /; exit 3")
check("exit code", run.code, 3)
check("stdout is the program's", run.stdout, "/\n")
(shell,) = [trace for trace in run.traces if ".ls." not in trace.name]
check("summary", run.stderr, report(shell).stdout)

run = sagemem_run("--quiet", "--report-all", "sh", "-c", "ls -d /; exit 3")
check("number of traces", len(run.traces), 2)
for trace in run.traces:
  check_that(report(trace).stdout in run.stderr,
             f"no summary of {trace.name} in {run.stderr!r}")

run = sagemem_run("--no-report", "--quiet", "true")
check("--no-report", (run.code, run.stderr), (0, ""))
