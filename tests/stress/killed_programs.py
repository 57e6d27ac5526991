# SPDX-License-Identifier: Apache-2.0
"""What a program that is killed had said of itself, compared with its trace."""
import struct

from harness import check, check_consistent, check_that, report, summary

THREADS = 4


def published(path):
  """The triples (tid, allocations, releases) of the threads so far."""
  data = path.read_bytes() if path.exists() else b""
  if len(data) < THREADS * 24:
    return []
  words = struct.unpack(f"{THREADS * 3}Q", data[:THREADS * 24])
  return [words[i:i + 3] for i in range(0, len(words), 3)]


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
