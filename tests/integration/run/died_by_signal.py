# SPDX-License-Identifier: Apache-2.0
"""A program that a signal ends: the trace says so, the summary comes, and
sagemem-run ends by the same signal, without a core file of its own.

usage: died_by_signal.py SIGNAL
"""
import os
import resource
import signal
import sys

from harness import check, check_that, environment, scratch
from runner import RUN, end_of, python_program

number = getattr(signal, sys.argv[1])
place = scratch()
words = python_program(f"import os; os.kill(os.getpid(), {int(number)})")
pid = os.fork()
if pid == 0:
  os.chdir(place)
  hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
  resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
  os.dup2(os.open("said", os.O_WRONLY | os.O_CREAT), 2)
  os.execve(RUN, [RUN, *words], environment())
status = os.waitpid(pid, 0)[1]
check("ended by", os.WTERMSIG(status), int(number))
check("core file", os.WCOREDUMP(status), False)
(trace,) = place.glob("*.smt")
end = end_of(trace)
check("end in the trace", (end["kind"], end["status"]), ("signal", int(number)))
said = (place / "said").read_text()
check_that(trace.name in said, f"{said!r} does not name the trace")
check_that("Peak" in said or "peak" in said, f"no summary in {said!r}")
