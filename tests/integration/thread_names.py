# SPDX-License-Identifier: Apache-2.0
"""Threads carry the names that they gave themselves, and their own counts."""
from harness import check, record, summary, target

threads = summary(record(target("threads")).trace)["threads"]
counts = {thread["name"]: thread["allocations"] for thread in threads}
for number in range(8):
  check(f"worker {number}", counts.get(f"worker {number}"), 500)
