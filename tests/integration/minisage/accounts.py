# SPDX-License-Identifier: Apache-2.0
"""minisage's books and the report agree to the block.

What minisage does not book is one FILE of the C library for each stream.  Its
size is not documented, but the same for all of them."""
import sys

from example import account_in, command, galaxies_in, work_place
from harness import check, check_exact, check_that, plain, record, summary

options = sys.argv[1:]
place = work_place()
before = plain(*command(*options), directory=place)
account = account_in(place)
galaxies = galaxies_in(place)
after = record(*command(*options), directory=place)
check("exit code", after.code, before.code)
check("stdout", after.stdout, before.stdout)
check("stderr", after.stderr, before.stderr)
check_that(account_in(place) == account, "recording changes the books")
check_that(galaxies_in(place) == galaxies, "recording changes the galaxies")

result = summary(after.trace)
check_exact(result)
totals = result["totals"]
opened, closed = account["streams_opened"], account["streams_closed"]
check("allocations", totals["allocations"], account["allocations"] + opened)
check("frees", totals["frees"], account["frees"] + closed)
file_bytes, rest = divmod(totals["bytes_allocated"] -
                          account["bytes_allocated"], opened)
check("bytes that are no whole FILE", rest, 0)
check_that(100 < file_bytes < 2000, f"a FILE of {file_bytes} bytes")
check("leaked blocks", result["leaked"]["blocks"],
      account["leaked_blocks"] + opened - closed)
check("leaked bytes", result["leaked"]["bytes"],
      account["leaked_bytes"] + file_bytes * (opened - closed))
above = result["peak"]["bytes"] - account["high_mark_bytes"]
check_that(0 <= above <= file_bytes * opened,
           f"the peak lies {above} bytes above minisage's own")
