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
here = scratch()
settings = {"LD_PRELOAD": PRELOAD, "SAGEMEM_OUTPUT": here / "traced.smt",
            "SAGEMEM_SCOPES": "program = main (number=arg1)"}
options = [word for name, value in settings.items()
           for word in ("-ex", f"set environment {name} {value}")]
run = plain(*GDB, *options, "-ex", "run", target("plain_c"))
check("exit code of gdb", run.code, 0)
check_that("because a debugger is attached" in run.stdout + run.stderr,
           f"not said: {run.stdout} {run.stderr}")
check_that("exited normally" in run.stdout, run.stdout)
dump = report("dump", here / "traced.smt").stdout
check_that("inferred traced" in dump, "the trace does not say so")
check_that("scope_begin" not in dump, "probed all the same")
