# SPDX-License-Identifier: Apache-2.0
"""The leak scan changes nothing of how a program runs and ends, and says when
it could not be made: then nothing is called lost.

usage: leak_scan.py endings|busy|programs|limits
"""
import sys

from harness import as_json, check, check_that, record, target, unharmed

ON = {"SAGEMEM_LEAK_SCAN": "1"}


def leaks_of(run):
  return as_json("leaks", run.own_trace)


def check_scan(run, outcome, what):
  report = leaks_of(run)
  check(f"outcome of {what}", report["scan"]["outcome"], outcome)
  check(f"complete, {what}", report["scan"]["complete"], outcome == "complete")
  if outcome != "complete":
    for lost in ("lost", "indirectly_lost"):
      check(f"{lost} of {what}", report["classes"][lost]["blocks"], 0)
  blocks = sum(one["blocks"] for one in report["classes"].values())
  check(f"all blocks of {what}", blocks + report["suppressed"]["blocks"],
        report["leaked"]["blocks"])
  return report


def endings():
  for how in ("return", "exit", "_exit", "quick_exit", "thread_exit",
              "overflow_altstack"):
    check_scan(unharmed(target("ending"), how, env=ON), "complete", how)
  for how in ("raw_exit", "abort", "segv", "kill", "term"):
    check_scan(unharmed(target("ending"), how, env=ON), "none", how)
  run = record(target("ending"), "return")
  check("a scan that nobody asked for", leaks_of(run)["scan"], None)


def busy():
  for how in ("return", "exit", "_exit", "quick_exit") * 3:
    check_scan(unharmed(target("busy_exit"), how, env=ON), "complete", how)


def programs():
  for name in ("small_stacks", "closed_files", "coroutines", "plain_c",
               "jumps", "thread_crowd"):
    check_scan(unharmed(target(name), env=ON), "complete", name)


# It does not fit any more: the program and its recording are complete.
def limits():
  run = record(target("leak_cases"), "indirect_deep",
               env={**ON, "SAGEMEM_MAX_BYTES": "300K"})
  check("exit code", run.code, 0)
  report = check_scan(run, "too_large", "a trace that may not grow")
  check_that(report["exact"], "not exact")
  check_that(report["leaked"]["blocks"] >= 20000, "blocks are missing")


if __name__ == "__main__":
  {"endings": endings, "busy": busy, "programs": programs,
   "limits": limits}[sys.argv[1]]()
