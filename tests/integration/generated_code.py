# SPDX-License-Identifier: Apache-2.0
"""Through generated code, which nobody has unwind information for, stacks that
keep the chain of frame pointers are right, and all are known as guesses.

usage: generated_code.py ROUNDS
"""
import sys

from harness import check, check_consistent, record, summary, target
from truth import compare_all

run = record(target("true_code"), "generated", sys.argv[1])
check("exit code", run.code, 0)
compare_all(run)
result = summary(run.trace)
check_consistent(result)
check("guesses", result["notices"]["stack_guessed"], run.claims["generated"])
