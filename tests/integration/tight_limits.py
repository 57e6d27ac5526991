# SPDX-License-Identifier: Apache-2.0
"""Where address space or descriptors run out the program goes on; at the most
one line says that the recording does not."""
import resource

from harness import (OUR_LINE, check, check_that, plain, record, report,
                     target)

COMMAND = [target("flood"), "10000", "3"]


def run_with(kind, limit, of_recorder=0):
  """`of_recorder`: what the recorder may take from the program's share."""
  before = plain(*COMMAND, preexec_fn=lambda: resource.setrlimit(
      kind, (limit, limit)))
  if before.code != 7:  # too tight for the program itself
    return
  limit += of_recorder
  after = record(*COMMAND, preexec_fn=lambda: resource.setrlimit(
      kind, (limit, limit)))
  lines = OUR_LINE.findall(after.stderr)
  check_that(len(lines) <= 1, f"{kind}, {limit}: {lines}")
  check("exit code", after.code, before.code)
  check("stdout", after.stdout, before.stdout)
  check("stderr", OUR_LINE.sub("", after.stderr), before.stderr)
  for trace in after.traces:
    report("summary", trace)


MEGABYTE = 1 << 20
for megabytes in range(4, 60, 6):
  run_with(resource.RLIMIT_AS, megabytes * MEGABYTE, 4 * MEGABYTE)
for files in range(3, 12):
  run_with(resource.RLIMIT_NOFILE, files)
for kilobytes in (0, 64, 256, 1024):
  run_with(resource.RLIMIT_DATA, kilobytes * 1024, 4 * MEGABYTE)
run_with(resource.RLIMIT_MEMLOCK, 0)
