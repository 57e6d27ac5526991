# SPDX-License-Identifier: Apache-2.0
"""Stopped and continued by other processes, without a terminal."""
import os
import signal

from harness import check
from runner import LISTENER, finish, python_program, start, state_of, wait_for

process = start(*python_program(LISTENER), start_new_session=True)
with open(f"/proc/{process.pid}/task/{process.pid}/children",
          encoding="ascii") as file:
  program = int(file.read())

# Who stops the program alone continues it alone; sagemem-run goes on waiting.
os.kill(program, signal.SIGSTOP)
wait_for("stopped", lambda: state_of(program) == "T")
wait_for("waiting", lambda: state_of(process.pid) == "S")
os.kill(program, signal.SIGCONT)
check("signal", process.stdout.readline(), "SIGCONT\n")

# One that is continued through us.
os.kill(program, signal.SIGSTOP)
wait_for("stopped", lambda: state_of(program) == "T")
wait_for("noticed", lambda: state_of(process.pid) == "S")
process.send_signal(signal.SIGCONT)
check("signal", process.stdout.readline(), "SIGCONT\n")
process.terminate()
check("the last signals", finish(process, 7), "SIGTERM\n")
