# SPDX-License-Identifier: Apache-2.0
"""Events have times of their own, to a millisecond and better: in a busy loop
the clock never stands still for longer than the program itself did, and events
with pauses in between lie where the program's own clock says."""
import re

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
for time, (before, after) in zip(slow, moments):
  # Relative to the first one: the trace counts from its own start.
  early = before - moments[0][1] - MILLISECOND
  late = after - moments[0][0] + MILLISECOND
  check_that(early <= time - slow[0] <= late,
             f"{time - slow[0]} ns, not in [{early}, {late}]")
