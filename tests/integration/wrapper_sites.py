# SPDX-License-Identifier: Apache-2.0
"""The site is the function that calls mymalloc; a wrapper of the program's own
is skipped when --wrapper names it."""
from harness import check, record, site_counts, target

run = record(target("wrappers"))
counts = site_counts(run.trace)
check("load_rows", counts.get("load_rows"), 30)
check("load_columns", counts.get("load_columns"), 10)
check("pool_take", counts.get("pool_take"), 5)
counts = site_counts(run.trace, "--wrapper", "pool_take")
check("load_pool", counts.get("load_pool"), 5)
check("mymalloc", counts.get("mymalloc"), None)
