# SPDX-License-Identifier: Apache-2.0
"""However a program ends, its trace reads and holds every event before the end.

usage: endings.py HOW END_KIND [END_STATUS]
"""
import sys

from harness import as_json, check, check_that, summary, target, unharmed

how, kind = sys.argv[1:3]
run = unharmed(target("ending"), how)
result = summary(run.trace)
totals = result["totals"]
check_that(totals["allocations"] >= 100, f"{totals}")
check_that(totals["frees"] >= 60, f"{totals}")
leaks = as_json("leaks", run.trace)["sites"]
own = [site["leaked_blocks"] for site in leaks if site["function"] == "take"]
check("leaked blocks", own, [40])
check("unknown releases", result["anomalies"]["unknown_releases"], 0)
check("end", result["end"]["kind"], kind)
if len(sys.argv) > 3:
  check("status", result["end"]["status"], int(sys.argv[3]))
