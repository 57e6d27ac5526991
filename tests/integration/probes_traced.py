# SPDX-License-Identifier: Apache-2.0
"""Under a debugger, whose breakpoints are in the code, no code is changed: one
line says so, and the program runs as always."""
from harness import (PRELOAD, check, check_that, need, plain, report, scratch,
                     skip, target)

need("gdb")
GDB = ("gdb", "-batch", "-nx", "-ex", "set startup-with-shell off")
if "exited normally" not in plain(*GDB, "-ex", "run",
                                  target("plain_c")).stdout:
  skip("no debugger may run a program here")
# The second is one whose own breakpoints would be taken for the debugger's.
for name, arguments, rule in (
    ("plain_c", "", "program = main (number=arg1)"),
    ("trapped", " count", "tiny = tiny")):
  here = scratch()
  settings = {"LD_PRELOAD": PRELOAD, "SAGEMEM_OUTPUT": here / "traced.smt",
              "SAGEMEM_SCOPES": rule}
  options = [word for variable, value in settings.items()
             for word in ("-ex", f"set environment {variable} {value}")]
  run = plain(*GDB, *options, "-ex", f"run{arguments}", target(name))
  check("exit code of gdb", run.code, 0)
  check_that("because a debugger is attached" in run.stdout + run.stderr,
             f"not said: {run.stdout} {run.stderr}")
  check_that("exited normally" in run.stdout, run.stdout)
  dump = report("dump", here / "traced.smt").stdout
  check_that("inferred traced" in dump, "the trace does not say so")
  check_that("scope_begin" not in dump, "probed all the same")
