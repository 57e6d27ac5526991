# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments of a program with four allocating threads: every
trace reads, and holds at least the calls that each thread had published as
completed.

usage: killed.py KILLS
"""
import os
import random
import signal
import struct
import subprocess
import sys
import time

from harness import (PRELOAD, check, check_consistent, check_that, environment,
                     report, scratch, summary, target)

THREADS = 4
random.seed(11)


def published(path):
  """The triples (tid, allocations, releases) of the threads so far."""
  data = path.read_bytes() if path.exists() else b""
  if len(data) < THREADS * 24:
    return []
  words = struct.unpack(f"{THREADS * 3}Q", data[:THREADS * 24])
  return [words[i:i + 3] for i in range(0, len(words), 3)]


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


def compare(place, counts):
  traces = list(place.glob("*.smt"))
  if not any(done for _, done, _ in counts):
    for trace in traces:  # killed while it started: any clear answer will do
      check_that(report("summary", trace, want=None).code in (0, 3), "crash")
    return
  check("traces", len(traces), 1)
  result = summary(traces[0])
  check_consistent(result)
  threads = {thread["tid"]: thread for thread in result["threads"]}
  for tid, allocations, releases in counts:
    if allocations == 0:
      continue
    check_that(tid in threads, f"no thread {tid} in {threads}")
    seen = threads[tid]
    check_that(seen["allocations"] >= allocations,
               f"thread {tid}: {seen}, published {allocations} allocations")
    check_that(seen["frees"] >= releases,
               f"thread {tid}: {seen}, published {releases} frees")


for number in range(int(sys.argv[1])):
  directory = scratch()
  compare(directory, kill_once(directory, after_start=number % 8 != 0))
  for file in directory.iterdir():
    os.unlink(file)
