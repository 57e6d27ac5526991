# SPDX-License-Identifier: Apache-2.0
"""A target that says how often each of its functions allocates: the sites of
the trace agree, whatever jumps, exceptions, coroutines and threads did to the
stacks in between.

usage: function_counts.py TARGET ARGUMENTS
"""
import sys

from harness import (check, check_that, record, site_counts, summary, target)

run = record(target(sys.argv[1]), *sys.argv[2:])
check("exit code", run.code, 0)
counts = site_counts(run.trace)
functions = {name: count for name, count in run.claims.items()
             if name != "resident_kib"}
check_that(functions, run.stdout)
for name, count in functions.items():
  check(name, counts.get(name), count)
check("exact", summary(run.trace)["exact"], True)
