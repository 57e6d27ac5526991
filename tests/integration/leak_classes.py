# SPDX-License-Identifier: Apache-2.0
"""The leak scan tells apart what is lost and what is held, in each of some
ninety small programs: none is missed, and none is called lost that is not.

usage: leak_classes.py [CASE...]
"""
import sys

from harness import as_json, check, check_that, fail, record, target
from leak_truth import TRUTH

OWN = "target_leak_cases"


def verdict(run):
  """Lost, indirectly lost, held by the program itself; in all processes."""
  lost = indirect = held = 0
  for trace in run.traces:
    report = as_json("leaks", trace, "--top", "0")
    check_that(report["scan"]["complete"], f"incomplete: {report['scan']}")
    check("not scanned", report["classes"]["not_scanned"]["blocks"], 0)
    lost += report["classes"]["lost"]["blocks"]
    indirect += report["classes"]["indirectly_lost"]["blocks"]
    held += sum(site["blocks"]
                for site in report["classes"]["still_reachable"]["sites"]
                if (site["module"] or "").endswith(OWN))
  return lost, indirect, held


def judge(case):
  run = record(target("leak_cases"), case, env={"SAGEMEM_LEAK_SCAN": "1"})
  check(f"exit code of {case}, which says {run.stdout!r} {run.stderr!r}",
        run.code, 0)
  return verdict(run)


def main(names):
  known = record(target("leak_cases")).stdout.split()
  check("cases", sorted(known), sorted(TRUTH))
  wrong = []
  for case in names or TRUTH:
    got = judge(case)
    if got != TRUTH[case]:
      wrong.append(f"{case}: got {got}, want {TRUTH[case]}")
  if wrong:
    fail("\n".join(wrong))


if __name__ == "__main__":
  main(sys.argv[1:])
