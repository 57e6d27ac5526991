# SPDX-License-Identifier: Apache-2.0
"""A signal handler that allocates after each single instruction: in prologues,
epilogues, leaf functions and tables of linkage the stack is right.  While the
loader looks up a function, it is right or known as a guess."""
from harness import check, check_consistent, record, summary, target
from truth import compare


def step(**options):
  run = record(target("true_code"), "stepped", **options)
  check(f"exit code, saying {run.stdout}", run.code, 0)
  result = summary(run.trace)
  check_consistent(result)
  return run, result["notices"]["stack_guessed"]


run, guesses = step(env={"LD_BIND_NOW": "1"})
check("guesses", guesses, 0)
compare(run.trace, run.directory / f"truth.{run.pid}")

run, guesses = step()
compare(run.trace, run.directory / f"truth.{run.pid}", guesses)
