# SPDX-License-Identifier: Apache-2.0
"""Names that nobody expects, in the program, its arguments, its directory and
its environment, are recorded as they are or cut, and stop nothing."""
import os
import shutil

from harness import (as_json, check, check_that, check_totals, record, scratch,
                     target)


def record_as(name, *arguments, **options):
  program = os.path.join(scratch(), name)
  shutil.copy(target("plain_c"), program)
  run = record(program, *arguments, **options)
  check("exit code", run.code, 0)
  check("stderr", run.stderr, "")
  check_totals(run.trace, run.claims)
  return run, as_json("summary", run.trace)["process"]


for name in ("with blank", "100% %p %d", "tab\tand\nnewline", "caf\u00e9",
             "\udcff\udcfe", "-n", "a" * 200, "dots..smt", "x.smt"):
  record_as(name)

run, process = record_as("plain", "", "two words", "quote\"'\\", "\n")
check("arguments", process["command"][1:],
      ["", "two words", "quote\"'\\", "\n"])

# Larger than a page, a unit, a segment, and as large as the kernel allows.
for size in (5000, 70000, 131000):
  run, process = record_as("plain", *["x" * size] * 12)
  check_that(process["command"][0].endswith("/plain"), str(process)[:200])
record_as("plain", env={f"VARIABLE_{i}": "y" * 100000 for i in range(10)})

# A directory whose path is longer than PATH_MAX.
place = scratch()
os.chdir(place)
for _ in range(25):
  os.mkdir("d" * 200)
  os.chdir("d" * 200)
run = record(target("plain_c"), directory=".")
check("exit code", run.code, 0)
check("stdout", run.claims["allocations"], 1000)
