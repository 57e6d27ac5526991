# SPDX-License-Identifier: Apache-2.0
"""What the leak scan, LeakSanitizer and valgrind say of each case of
target_leak_cases, side by side, and why where they differ.

usage: leak_table.py TABLE [CASE...]

Fails when the scan is not right, when one of the others says something else
than leak_verdicts.py has of it, or when TABLE is not what this run would write.
With TEST_APPROVE=1 it writes TABLE.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

from harness import check, check_that, fail, need, plain, target
from leak_classes import judge
from leak_truth import TRUTH
from leak_verdicts import LSAN, REASONS, VALGRIND, VARYING

PROGRAM = target("leak_cases")
SUMMARY = re.compile(r"(definitely|indirectly|possibly) lost: "
                     r"[\d,]+ bytes in ([\d,]+) blocks")
LEAK = re.compile(r"^(Direct|Indirect) leak of \d+ byte\(s\) in (\d+) object",
                  re.MULTILINE)


def lsan_library():
  name = subprocess.run(["gcc", "-print-file-name=liblsan.so"], check=True,
                        capture_output=True, text=True).stdout.strip()
  check_that("/" in name, "liblsan.so is not installed")
  return name


def lsan(case, library):
  """Directly and indirectly leaked, in all processes."""
  run = plain(PROGRAM, case, env={"LD_PRELOAD": library})
  check_that("fatal error" not in run.stderr, run.stderr)
  counts = {"Direct": 0, "Indirect": 0}
  for kind, objects in LEAK.findall(run.stderr):
    counts[kind] += int(objects)
  return counts["Direct"], counts["Indirect"]


def valgrind(case):
  """Definitely, indirectly and possibly lost, in all processes."""
  run = plain("valgrind", "--leak-check=full", "--run-libc-freeres=no",
              "--run-cxx-freeres=no", PROGRAM, case)
  counts = {"definitely": 0, "indirectly": 0, "possibly": 0}
  for kind, blocks in SUMMARY.findall(run.stderr):
    counts[kind] += int(blocks.replace(",", ""))
  said = tuple(counts.values())
  varying = VARYING.get(case, ())
  return varying[0] if said in varying else said


def sums(counts):
  return "+".join(map(str, counts))


def row(case, ours, by_lsan, by_valgrind):
  reason = REASONS.get(case, "")
  return (f"{case:26} {sums(ours):>9}  {sums(by_lsan):>8}  "
          f"{sums(by_valgrind):>10}  {reason}").rstrip()


def main(table, *names):
  need("valgrind", "gcc")
  library = lsan_library()
  rows = [f"{'case':26} {'scan':>9}  {'lsan':>8}  {'valgrind':>10}  "
          "why they differ"]
  wrong = []
  for case in names or TRUTH:
    got = (judge(case), lsan(case, library), valgrind(case))
    want = (TRUTH[case], LSAN.get(case, TRUTH[case][:2]),
            VALGRIND.get(case, (*TRUTH[case][:2], 0)))
    if got != want:
      wrong.append(f"{case}: got {got}, want {want}")
    if (case in LSAN or case in VALGRIND) and case not in REASONS:
      wrong.append(f"{case}: no reason for a difference")
    rows.append(row(case, *got))
  if wrong:
    fail("\n".join(wrong))
  if names:
    return
  text = "".join(f"{line}\n" for line in rows)
  if os.environ.get("TEST_APPROVE"):
    Path(table).write_text(text)
  check("the table", Path(table).read_text(), text)


if __name__ == "__main__":
  main(*sys.argv[1:])
