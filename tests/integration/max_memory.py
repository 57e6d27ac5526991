# SPDX-License-Identifier: Apache-2.0
"""A bound on the memory of the report changes nothing that it says; where there
is no place for the file, that is said."""
from harness import check, check_that, plain, record, report, scratch, target
from harness import REPORT

REPORTS = [["summary"], ["peak", "--stacks", "2"], ["leaks"], ["sites"],
           ["summary", "--json"]]
place = scratch()
for run in (record(target("flood"), "30000"),
            record(target("ending"), "return")):
  for arguments in REPORTS:
    want = report(*arguments, run.trace)
    for bound in ("1", "40M", "1GiB"):
      got = plain(REPORT, *arguments, "--max-memory", bound, run.trace,
                  env={"TMPDIR": place})
      check(f"exit code within {bound}, {got.stderr!r}", got.code, 0)
      check(f"{arguments} within {bound}", got.stdout, want.stdout)
  check("left in TMPDIR", list(place.iterdir()), [])
  refused = plain(REPORT, "--max-memory", "1", run.trace,
                  env={"TMPDIR": place / "nowhere"})
  check("exit code without a place for the file", refused.code, 3)
  check_that("nowhere" in refused.stderr, f"says {refused.stderr!r}")

check("exit code for no size",
      report("--max-memory", "much", run.trace, want=2).code, 2)
