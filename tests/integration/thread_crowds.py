# SPDX-License-Identifier: Apache-2.0
"""Ten thousand short threads leave a small trace and a small process behind,
and a thousand at once are all recorded."""
import struct

from harness import check, check_that, plain, record, site_counts, summary
from harness import target

WRITERS_AT = 136  # FileHeader::writers, the session's included


def writers(trace):
  with open(trace, "rb") as file:
    return struct.unpack_from("=I", file.read(256), WRITERS_AT)[0]


command = [target("thread_crowd"), "sequence", "10000"]
alone = plain(*command)
run = record(*command)
check("allocate_twice", site_counts(run.trace).get("allocate_twice"), 20000)
check("exact", summary(run.trace)["exact"], True)
# 40 000 events: a writer of its own for each thread would take 64 KiB each.
size = run.trace.stat().st_size
check_that(size < 8 << 20, f"the trace has {size} bytes")
# Two threads at a time, and some that the kernel has not quite done with.
made = writers(run.trace)
check_that(3 <= made < 200, f"{made} writers")
grown = run.claims["resident_kib"] - alone.claims["resident_kib"]
check_that(grown < 32 * 1024, f"{grown} KiB more resident memory")

run = record(target("thread_crowd"), "together", "1000")
check("allocate_twice", site_counts(run.trace).get("allocate_twice"), 2000)
check("exact", summary(run.trace)["exact"], True)
check("writers", writers(run.trace), 1 + 1 + 1000)
