# SPDX-License-Identifier: Apache-2.0
"""A program that ends while its threads allocate ends as it does alone, time
and again, and each of its traces reads without a contradiction.

usage: busy_exits.py HOW ROUNDS
"""
import sys

from harness import check_consistent, summary, target, unharmed

for _ in range(int(sys.argv[2])):
  run = unharmed(target("busy_exit"), sys.argv[1])
  check_consistent(summary(run.trace))
