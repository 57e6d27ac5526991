# SPDX-License-Identifier: Apache-2.0
"""Signals sent to sagemem-run reach the program, each once."""
import signal

from harness import check
from runner import LISTENER, finish, python_program, start

process = start(*python_program(LISTENER), start_new_session=True)
for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2"):
  process.send_signal(getattr(signal, name))
  check("signal", process.stdout.readline().strip(), name)
process.terminate()
check("the last signals", finish(process, 7), "SIGTERM\n")

# A parent that ignores SIGCHLD hands that down; the program's end is seen.
process = start(*python_program(LISTENER), start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGCHLD,
                                                 signal.SIG_IGN))
process.terminate()
check("signals", finish(process, 7), "SIGTERM\n")

# What was ignored and blocked stays so in the program, nothing else is.
MASKS = """
import re
status = open("/proc/self/status").read()
print("ready")
print(*re.findall(r"Sig(?:Blk|Ign):\\s+(\\w+)", status))
"""


def mixed():
  signal.signal(signal.SIGUSR1, signal.SIG_IGN)
  signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR2})


process = start(*python_program(MASKS), preexec_fn=mixed)
blocked, ignored = (int(word, 16) for word in finish(process, 0).split())
check("blocked", blocked, 1 << (signal.SIGUSR2 - 1))
check("SIGUSR1 ignored", ignored >> (signal.SIGUSR1 - 1) & 1, 1)
check("SIGCHLD ignored", ignored >> (signal.SIGCHLD - 1) & 1, 0)
