# SPDX-License-Identifier: Apache-2.0
"""A realloc that fails leaves the old block live: freed later, it is known;
kept, it is a leak of its old size."""
from harness import check, check_totals, target, unharmed

run = unharmed(target("failed_realloc"))
result = check_totals(run.trace, run.claims)
check("leaked bytes", result["leaked"]["bytes"], 3000)
check("failed calls", result["totals"]["failed"], 4)
