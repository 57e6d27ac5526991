# SPDX-License-Identifier: Apache-2.0
"""The C++ runtime of a program that loads it late is looked up through the
loader, which releases memory while it is at work for the recorder: that is
recorded like any other release, and nothing is lost by it."""
from harness import as_json, check, check_that, summary, target, unharmed

run = unharmed(target("late_runtime"), env={"SAGEMEM_LEAK_SCAN": "1"})
totals = summary(run.trace)
check("anomalies", sum(totals["anomalies"].values()), 0)
leaks = as_json("leaks", run.trace, "--top", "0")
check_that(leaks["scan"]["complete"], f"incomplete: {leaks['scan']}")
check("lost", [site for kind in ("lost", "indirectly_lost")
               for site in leaks["classes"][kind]["sites"]], [])
