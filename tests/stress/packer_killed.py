# SPDX-License-Identifier: Apache-2.0
"""SIGKILL for the packer, for the program, and for both, at random moments: at
every time the trace reads, and holds at least what the program's threads had
published; what is left half done can be finished.

usage: packer_killed.py ROUNDS
"""
import random
import signal
import subprocess
import sys
import time

from harness import (PRELOAD, check, check_consistent, environment, report,
                     scratch, summary, target)
from killed_programs import compare, published
from packing import (ON, is_packed, kill_packers, side_of, wait_packed,
                     wait_until)

random.seed(12)


def run_once(kill_packer_first, kill_packer_after):
  place = scratch()
  counts = place / "counts"
  process = subprocess.Popen(
      [target("counted_threads"), counts], cwd=place,
      env=environment({"LD_PRELOAD": PRELOAD, **ON}), stderr=subprocess.PIPE)
  wait_until("it allocates",
             lambda: any(done for _, done, _ in published(counts)))
  (trace,) = place.glob("*.smt")
  time.sleep(random.random() * 0.1)
  if kill_packer_first:
    kill_packers(trace)
    time.sleep(random.random() * 0.05)
  check_consistent(summary(trace))  # while it runs
  process.kill()
  _, stderr = process.communicate()
  check("signal", process.returncode, -signal.SIGKILL)
  check("stderr", stderr, b"")
  done = published(counts)
  compare(place, done)
  if kill_packer_after:
    time.sleep(random.random() * 0.2)
    kill_packers(trace)
  if kill_packer_first or kill_packer_after:
    compare(place, done)
    report("pack", trace)
  else:
    wait_packed(trace)
  check("packed", is_packed(trace), True)
  check("side", side_of(trace).exists(), False)
  compare(place, done)


for number in range(int(sys.argv[1])):
  run_once(number % 3 == 1, number % 3 == 2)
