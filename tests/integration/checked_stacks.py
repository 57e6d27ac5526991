# SPDX-License-Identifier: Apache-2.0
"""Under the recorder that compares each stack with libunwind's no stack is
another one, in the target and in its children.

usage: checked_stacks.py TARGET ARGUMENTS
"""
import sys

from harness import CHECKED, check, check_that, record, summary, target

run = record(target(sys.argv[1]), *sys.argv[2:], recorder=CHECKED, seconds=240)
check(f"exit code of {sys.argv[1:]}, which says {run.stdout}", run.code, 0)
compared = 0
for trace in run.traces:
  result = summary(trace)
  notices = result["notices"]
  check(f"{trace.name}: stacks that differ", notices["unwind_mismatch"], 0)
  guessed = notices["stack_guessed"] + notices["stack_by_libunwind"]
  compared += result["totals"]["allocations"] - guessed
check_that(compared > 0, "no stack was compared")
