# SPDX-License-Identifier: Apache-2.0
"""On a terminal: keys reach the program once; ^Z stops the program and
sagemem-run with it, the shell's SIGCONT continues both."""
import os
import pty
import signal

from harness import check, check_that, environment, scratch
from runner import LISTENER, RUN, python_program, state_of, wait_for

COMMAND = [RUN, "--quiet", "--no-report", *python_program(LISTENER)]


def be_shell():
  """What a shell does for one job, in a session of its own."""
  signal.signal(signal.SIGTTOU, signal.SIG_IGN)
  job = os.fork()
  if job == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.chdir(scratch())
    os.execvpe(RUN, COMMAND, environment())
  print("job", job, flush=True)
  while True:
    _, status = os.waitpid(job, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
      print("ended", os.waitstatus_to_exitcode(status), flush=True)
      os._exit(0)
    os.tcsetpgrp(0, os.getpid())
    print("stopped", flush=True)
    input()
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)


def expect(text):
  """Reads on until that text has come."""
  global output
  while text not in output:
    output += os.read(terminal, 1000).decode().replace("\r", "")
  before, output = output.split(text, 1)
  return before


def child_of(pid):
  with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
    return int(file.read())


output = ""
shell, terminal = pty.fork()
if shell == 0:
  be_shell()
expect("job ")
job = int(expect("\n"))
expect("ready\n")
os.write(terminal, b"\x03")  # ^C
seen = expect("SIGINT\n")
os.write(terminal, b"\x1c")  # ^\
seen += expect("SIGQUIT\n")
os.write(terminal, b"\x1a")  # ^Z
seen += expect("stopped\n")
program = child_of(job)
check("states when stopped", state_of(job) + state_of(program), "TT")
os.write(terminal, b"\n")
seen += expect("SIGCONT\n")
wait_for("sagemem-run goes on", lambda: state_of(job) != "T")
os.kill(job, signal.SIGTERM)
seen += expect("SIGTERM\n")
check_that("SIG" not in seen, f"more signals than keys: {seen!r}")
expect("ended ")
check("exit code", expect("\n"), "7")
check_that(os.waitpid(shell, 0)[1] == 0, "the shell failed")
