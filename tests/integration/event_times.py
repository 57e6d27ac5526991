# SPDX-License-Identifier: Apache-2.0
"""Events have times of their own: in a busy loop the clock never stands still
for longer than the program itself did, and events with pauses in between lie
where the program's own clock says, or say that they have no time of their
own."""
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
slow = [event for event in heap
        if event["kind"] == "alloc" and event["size"] == 300]
check("slow events", len(slow), len(moments))
stamped = [(event["time_ns"], *moment)
           for event, moment in zip(slow, moments) if event["stamped"]]
check_that(len(stamped) >= len(slow) // 2, "most slow events have no stamp")
# Relative to the last event: the trace counts from its own start.
last, last_before, last_after = stamped[-1]
for seen, before, after in stamped:
  early = before - last_after - MILLISECOND
  late = after - last_before + MILLISECOND
  check_that(early <= seen - last <= late,
             f"{seen - last} ns, not in [{early}, {late}]")
