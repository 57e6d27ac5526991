# SPDX-License-Identifier: Apache-2.0
"""Many threads that allocate, realloc and free each other's blocks in a single
arena: no unknown release, no block twice, totals as the threads counted them.

usage: exchange.py THREADS ROUNDS
"""
import sys

from harness import check_totals, record, target

run = record(target("exchange"), *sys.argv[1:], seconds=600,
             env={"MALLOC_ARENA_MAX": "1"})
check_totals(run.trace, run.claims, threads=int(sys.argv[1]))
