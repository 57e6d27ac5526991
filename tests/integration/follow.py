# SPDX-License-Identifier: Apache-2.0
"""--follow prints a report again and again while the program runs, and the last
one is that of the finished trace."""
import os
import subprocess
import sys
import time

from harness import (HANG_SECONDS, PRELOAD, REPORT, check, check_that,
                     environment, fail, record, report, scratch, target)

END = time.monotonic() + HANG_SECONDS


def wait_for(what, condition):
  while not condition():
    if time.monotonic() > END:
      fail(f"{what}: never")
    time.sleep(0.02)


# A program that waits in the middle of its work until it is told to go on.
SCRIPT = """
import sys
kept = [bytes(5000) for _ in range(1000)]
print('ready', flush=True)
sys.stdin.readline()
kept += [bytes(5000) for _ in range(3000)]
print('done', flush=True)
sys.stdin.readline()
"""
place = scratch()
with subprocess.Popen(
    [sys.executable, "-c", SCRIPT], cwd=place, stdin=subprocess.PIPE,
    stdout=subprocess.PIPE, text=True,
    env=environment({"LD_PRELOAD": PRELOAD, "PYTHONMALLOC": "malloc"})) as run:
  check("it runs", run.stdout.readline(), "ready\n")
  (trace,) = place.glob("*.smt")
  followed = place / "followed"
  with open(followed, "w", encoding="utf-8") as out:
    with subprocess.Popen([REPORT, "summary", "--follow", "--interval", "0.1",
                           trace], stdout=out, stderr=subprocess.PIPE,
                          env=environment()) as follower:
      wait_for("the first report",
               lambda: followed.read_text().count("Command") >= 2)
      check("it goes on", follower.poll(), None)
      run.stdin.write("\n")
      run.stdin.flush()
      check("the second half", run.stdout.readline(), "done\n")
      seen = followed.read_text().count("Command")
      wait_for("another report",
               lambda: followed.read_text().count("Command") >= seen + 2)
      run.stdin.close()
      run.wait()
      check("stderr", follower.communicate(timeout=HANG_SECONDS)[1], b"")
      check("exit code", follower.returncode, 0)

reports = followed.read_text().split("\n\nCommand")
last = "Command" + reports[-1] if len(reports) > 1 else reports[-1]
check("the last report", last, report("summary", trace).stdout)
check_that("exit code 0" in last, last)
check_that("still running" in reports[0], reports[0])

# Of a program that has ended there is one, and it is the usual one.
ended = record(target("plain_c")).trace
once = report("summary", "--follow", ended)
check("of an ended program", once.stdout, report("summary", ended).stdout)

# What cannot be followed.
for arguments in (["--json"], ["--csv"], [ended]):
  check("refused", report("summary", "--follow", ended, *arguments,
                          want=2).code, 2)
check("of nothing", report("summary", "--follow", os.devnull, want=3).code, 3)
check("no interval alone", report("summary", "--interval", "1", ended,
                                  want=2).code, 2)
