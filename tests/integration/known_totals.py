# SPDX-License-Identifier: Apache-2.0
"""A target that says what it did: the trace agrees to the last byte.

usage: known_totals.py THREADS TARGET ARGUMENTS
"""
import sys

from harness import check_totals, target, unharmed

run = unharmed(target(sys.argv[2]), *sys.argv[3:])
check_totals(run.trace, run.claims, threads=int(sys.argv[1]))
