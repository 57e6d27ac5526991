# SPDX-License-Identifier: Apache-2.0
"""Sums up Meson's testlog.json, one object a line, as the last line of
scripts/test: "N passed, N failed" and ", N skipped" if there are any.

usage: count_results.py TESTLOG
"""
import json
import sys

PASSED = {"OK", "EXPECTEDFAIL"}


def read_results(path):
  """[(name, result)]; none when Meson did not come as far as running a test."""
  try:
    with open(path, encoding="utf-8") as log:
      results = map(json.loads, log)
      return [(test["name"], test["result"]) for test in results]
  except FileNotFoundError:
    return []


def main():
  results = read_results(sys.argv[1])
  skipped = [name for name, result in results if result == "SKIP"]
  failed = [name for name, result in results
            if result not in PASSED | {"SKIP"}]
  passed = len(results) - len(skipped) - len(failed)
  if skipped:
    print("skipped:", ", ".join(skipped))
  if failed:
    print("failed:", ", ".join(failed))
  line = f"{passed} passed, {len(failed)} failed"
  print(line + (f", {len(skipped)} skipped" if skipped else ""))
  sys.exit(1 if failed or passed == 0 else 0)


if __name__ == "__main__":
  main()
