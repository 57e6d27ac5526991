# SPDX-License-Identifier: Apache-2.0
"""A target that knows its own call stacks: each allocation was recorded with
exactly that one.

usage: true_stacks.py TARGET ARGUMENTS
"""
import sys

from harness import check, check_exact, check_that, record, summary, target
from truth import compare_all

run = record(target(sys.argv[1]), *sys.argv[2:])
check(f"exit code of {sys.argv[1:]}, which says {run.stdout}", run.code, 0)
seen = compare_all(run)
check_that(seen >= 100, f"only {seen} allocations compared")
check_exact(summary(run.own_trace))
