# SPDX-License-Identifier: Apache-2.0
"""File systems that lack something: without shared mappings the trace is
spooled elsewhere and comes home at the end, also after a kill; without
fallocate nothing changes; without shared mappings anywhere the program runs on.

usage: confined.py no-shared-mmap-here|no-shared-mmap|no-fallocate
"""
import sys

from harness import (check, check_that, check_totals, record, scratch, summary,
                     target, unharmed)

restriction = sys.argv[1]
here = scratch()
if restriction == "no-shared-mmap-here":
  restriction = f"no-shared-mmap-in:{here}"
# Recording begins inside of the restriction, not in the program that makes it.
command = [target("confine"), restriction, "env", "SAGEMEM_OFF=0"]
OFF = {"SAGEMEM_OFF": "1", "SAGEMEM_SPOOL": scratch()}


def record_flood(line=None):
  run = unharmed(*command, target("flood"), "100000", directory=here, env=OFF,
                 line=line)
  return run, [trace for trace in run.traces if "flood" in trace.name]


if restriction == "no-shared-mmap":
  run, traces = record_flood("sagemem: not recording: .*errno 19")
  check("traces", traces, [])
  sys.exit(0)

run, traces = record_flood()
check("traces", len(traces), 1)
result = check_totals(traces[0], run.claims)
check("spooled", result["notices"]["spool_used"],
      1 if restriction != "no-fallocate" else 0)

# Killed before the spool could come home: the report finds it by itself.
run = record(*command, target("ending"), "kill", directory=here, env=OFF)
check_that(run.code != 0, "not killed")
traces = [trace for trace in run.traces if "ending" in trace.name]
check("traces", len(traces), 1)
check("leaked blocks", summary(traces[0])["leaked"]["blocks"], 40)
