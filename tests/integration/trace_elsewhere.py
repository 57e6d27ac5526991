# SPDX-License-Identifier: Apache-2.0
"""A trace that was copied elsewhere gives the same numbers when the program it
came from is gone; functions become module and offset."""
import shutil

from harness import check, check_that, record, report, scratch, summary, target

home = scratch()
program = home / "moved_away"
shutil.copy(target("leak_rows"), program)
run = record(program)
there = summary(run.trace)
elsewhere = scratch() / "copied.smt"
shutil.copy(run.trace, elsewhere)
program.unlink()
run.trace.unlink()
here = summary(elsewhere)
for part in ("totals", "peak", "leaked", "temporary", "lost", "exact"):
  check(part, here[part], there[part])
text = report("sites", elsewhere).stdout
check_that("moved_away+0x" in text, f"no module and offset in {text}")
