# SPDX-License-Identifier: Apache-2.0
"""Events have times of their own: in a busy loop the clock never stands still
for longer than the program itself did, and events with pauses in between lie
where the program's own clock says."""
import re
import time

from harness import check, check_that, events, record, target

MILLISECOND = 1_000_000

run = record(target("busy_clock"))
heap = [event for event in events(run.trace)
        if event["kind"] in ("alloc", "free")]
times = [event["time_ns"] for event in heap]
check_that(times == sorted(times), "times run backwards")

busy = [event["time_ns"] for event in heap
        if event["kind"] == "alloc" and event["size"] == 100]
longest = max(after - before for before, after in zip(busy, busy[1:]))
allowed = run.claims["longest_ns"] + MILLISECOND
check_that(longest <= allowed, f"a gap of {longest} ns, not {allowed}")

moments = [(int(before), int(after)) for before, after
           in re.findall(r"slow (\d+) (\d+)", run.stdout)]
slow = [event["time_ns"] for event in heap
        if event["kind"] == "alloc" and event["size"] == 300]
check("slow events", len(slow), len(moments))
# While a program has one thread, the trace may be off by a step of the coarse
# clock.  Relative to the last event: the trace counts from its own start.
CLOCK_MONOTONIC_COARSE = 6  # clock_gettime(2), Linux
step = time.clock_getres(CLOCK_MONOTONIC_COARSE) * 1000 * MILLISECOND
allowed = step + MILLISECOND
for seen, (before, after) in zip(slow, moments):
  early = before - moments[-1][1] - allowed
  late = after - moments[-1][0] + allowed
  check_that(early <= seen - slow[-1] <= late,
             f"{seen - slow[-1]} ns, not in [{early}, {late}]")
