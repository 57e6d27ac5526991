# SPDX-License-Identifier: Apache-2.0
"""SAGEMEM_MMAP=1 follows address space through partial munmap, mremap and sbrk,
apart from the heap; without it nothing of the kind is recorded."""
from harness import check, record, summary, target

run = record(target("mappings"), env={"SAGEMEM_MMAP": "1"})
result = summary(run.trace)
check("live bytes", result["mapped"]["live_bytes"], run.claims["live_bytes"])
check("heap", result["totals"]["allocations"], 0)

check("without", summary(record(target("mappings")).trace)["mapped"], None)
