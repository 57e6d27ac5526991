# SPDX-License-Identifier: Apache-2.0
"""Events carry times of their own: in a busy loop no two neighbours have the
same time for long, and a pause of 50 ms shows as such."""
from harness import check_that, events, record, target

run = record(target("busy_clock"))
times = [event["time_ns"] for event in events(run.trace)
         if event["kind"] in ("alloc", "free")]
check_that(times == sorted(times), "times run backwards")
gaps = [after - before for before, after in zip(times, times[1:])]
check_that(max(gaps[-3:]) >= 50_000_000, f"the pause: {gaps[-3:]}")
busy = gaps[:-3]
longest = run.claims["longest_ns"]
# As fine as the program's own clock: what it met as the longest pause bounds
# what the trace may show between two events.
check_that(max(busy[len(busy) // 20:]) <= longest + 1_000_000,
           f"{max(busy)} ns between two events, the program met {longest}")
distinct = len(set(times)) / len(times)
check_that(distinct > 0.5, f"only {distinct:.0%} of the times are distinct")
