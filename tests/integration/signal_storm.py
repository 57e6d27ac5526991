# SPDX-License-Identifier: Apache-2.0
"""A signal handler on an alternate stack that allocates at any moment, also in
the middle of the recorder: nothing breaks, and what could not be recorded is
counted, so that recorded, lost and nested make up what the program did."""
from harness import (check, check_consistent, check_that, record, summary,
                     target)

run = record(target("signal_storm"))
check("exit code", run.code, 0)
result = summary(run.trace)
check_consistent(result)
totals = result["totals"]
lost = result["lost"]["events"]
counted = (totals["allocations"] + totals["frees"] + lost +
           result["notices"]["nested_calls"])
claims = run.claims
check("all calls", counted, claims["allocations"] + claims["releases"])
check_that(totals["allocations"] <= claims["allocations"],
           "more than there were")
check("exact", result["exact"], lost == 0)
