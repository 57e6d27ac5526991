# SPDX-License-Identifier: Apache-2.0
"""Allocations, frees and bytes are what valgrind's memcheck counts ("total heap
usage") for the same deterministic program.

usage: valgrind_parity.py NAME
"""
import os
import re
import sys

from harness import (check, check_that, need, plain, record, scratch, summary,
                     target)

# At exit memcheck asks glibc and libstdc++ to free what they hold for ever
# (__libc_freeres, __gnu_cxx::__freeres); a plain run never does that.
VALGRIND = ["valgrind", "--tool=memcheck", "--leak-check=no",
            "--run-libc-freeres=no", "--run-cxx-freeres=no",
            "--trace-children=no", "--child-silent-after-fork=yes"]
USAGE = re.compile(
    r"total heap usage: ([\d,]+) allocs, ([\d,]+) frees, ([\d,]+) bytes")

# What we count beyond memcheck: allocations, frees, bytes.  The loader makes a
# vector for thread-local storage for each thread, of 16 bytes for each module
# that has such storage; the recorder is one more of those.
VECTOR_ENTRY = 16
DIFFERENCES = {
    "threads": (0, 0, 8 * VECTOR_ENTRY),
    "static_life": (0, 0, 1 * VECTOR_ENTRY),
}


def memcheck_counts(command, directory):
  run = plain(*VALGRIND, *command, directory=directory)
  usage = USAGE.search(run.stderr)
  check_that(usage, f"no heap usage in {run.stderr}")
  return tuple(int(number.replace(",", "")) for number in usage.groups())


def prepare(name, directory):
  if name != "minisage":
    return [target(name)]
  trees = plain(os.environ["TEST_MAKE_TREES"], "--out", "trees", "--files", "2",
                directory=directory)
  check("exit code of make_trees", trees.code, 0)
  return [os.environ["TEST_MINISAGE"], os.environ["TEST_PARAMETERS"],
          "--leak", "3,7", "--temporary", "2"]


def main(name):
  need("valgrind")
  directory = scratch()
  command = prepare(name, directory)
  want = memcheck_counts(command, directory)
  run = record(*command, directory=directory)
  totals = summary(run.own_trace)["totals"]
  got = (totals["allocations"], totals["frees"], totals["bytes_allocated"])
  difference = DIFFERENCES.get(name, (0, 0, 0))
  check("allocations, frees, bytes beyond memcheck's",
        tuple(g - w for g, w in zip(got, want)), difference)


main(sys.argv[1])
