# SPDX-License-Identifier: Apache-2.0
"""Eight threads that realloc into each other's addresses: no release of an
unknown block, no block born on a live one, totals to the last byte.  With the C
library's allocator, and with one that hands the old address on before realloc
returns."""
from harness import check, check_totals, record, target

for name, rounds in (("realloc_race", 50000), ("realloc_reuse", 5000)):
  run = record(target(name), rounds, env={"MALLOC_ARENA_MAX": "1"})
  check("exit code", run.code, 0)
  check_totals(run.trace, run.claims, threads=8)
