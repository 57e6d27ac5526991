# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments of a program with four allocating threads: every
trace reads, and holds at least the calls that each thread had published as
completed.

usage: killed.py KILLS
"""
import os
import random
import signal
import subprocess
import sys
import time

from harness import PRELOAD, check, check_that, environment, scratch, target
from killed_programs import compare, published

random.seed(11)


def kill_once(place, after_start):
  counts = place / "counts"
  process = subprocess.Popen(
      [target("counted_threads"), counts], cwd=place,
      env=environment({"LD_PRELOAD": PRELOAD}), stderr=subprocess.PIPE)
  while after_start and not any(done for _, done, _ in published(counts)):
    check_that(process.poll() is None, "the target ended by itself")
    time.sleep(0.0005)
  time.sleep(random.random() * 0.02)
  process.kill()
  _, stderr = process.communicate()
  check("signal", process.returncode, -signal.SIGKILL)
  check("stderr", stderr, b"")
  return published(counts)


for number in range(int(sys.argv[1])):
  directory = scratch()
  compare(directory, kill_once(directory, after_start=number % 8 != 0))
  for file in directory.iterdir():
    os.unlink(file)
