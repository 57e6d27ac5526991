# SPDX-License-Identifier: Apache-2.0
"""What the tests of sagemem-run share, on top of the harness of all integration
tests.  meson.build passes in TEST_RUN and TEST_RUN_TARGETS."""
import os
import signal
import subprocess
import sys
from pathlib import Path

from harness import as_json, check, environment, plain, scratch

RUN = os.environ["TEST_RUN"]
RUN_TARGETS = Path(os.environ["TEST_RUN_TARGETS"])

CANNOT_PROFILE, FAILED, NOT_EXECUTABLE, NOT_FOUND = 124, 125, 126, 127

# Says that it is ready, then the name of each signal that it gets; ends with 7
# at SIGTERM.
LISTENER = """
import signal, sys
names = "HUP INT QUIT USR1 USR2 CONT TERM".split()
numbers = [getattr(signal, "SIG" + name) for name in names]
# Not pause(): it would miss one that comes just before.
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
print("ready", flush=True)
while True:
  number = signal.sigwait(numbers)
  print(signal.Signals(number).name, flush=True)
  if number == signal.SIGTERM:
    sys.exit(7)
"""


def sagemem_run(*arguments, **options):
  return plain(RUN, *arguments, **options)


def python_program(text):
  """The words that run a Python program."""
  return [sys.executable, "-c", text]


def start(*arguments, **options):
  """Starts sagemem-run without a report and waits until the program under it
  says that it is ready."""
  process = subprocess.Popen(
      [RUN, "--quiet", "--no-report", *arguments], cwd=scratch(),
      env=environment(), stdout=subprocess.PIPE, text=True, **options)
  check("first line", process.stdout.readline(), "ready\n")
  return process


def finish(process, code):
  """What the program printed after it was ready."""
  # Not communicate(): it reads past what readline() has buffered.
  output = process.stdout.read()
  process.wait(timeout=60)
  check("exit code", process.returncode, code)
  return output


def run_target(name):
  return str(RUN_TARGETS / f"run_{name}")


def end_of(trace):
  return as_json("summary", trace)["end"]


def state_of(pid):
  """R, S, T ... as in proc(5)."""
  text = Path(f"/proc/{pid}/stat").read_text()
  return text[text.rindex(")") + 2]


def wait_for(what, condition):
  """Asks until it is so; the timeout of the test is against hangs."""
  while not condition():
    signal.sigtimedwait([], 0.01)
  return what
