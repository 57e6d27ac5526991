# SPDX-License-Identifier: Apache-2.0
"""Eight threads that realloc into each other's addresses: no release of an
unknown block, no block born on a live one, totals to the last byte."""
from harness import check_totals, record, target

for _ in range(3):
  run = record(target("realloc_race"), "50000", env={"MALLOC_ARENA_MAX": "1"})
  check_totals(run.trace, run.claims, threads=8)
