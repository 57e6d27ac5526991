# SPDX-License-Identifier: Apache-2.0
"""A daemon that closes every file and opens its own under the same numbers
keeps its files, and its recording goes on."""
from harness import check, check_exact, scratch, summary, target, unharmed

files = scratch()
run = unharmed(target("closed_files"), files)
for path in files.iterdir():
  check(str(path), path.read_bytes(), b"twelve bytes")
result = summary(run.trace)
check_exact(result)
check("allocations", result["totals"]["allocations"], 400000)
