# SPDX-License-Identifier: Apache-2.0
"""The leak scan changes nothing of how a program runs and ends, and says when
it could not be made: then nothing is called lost.

usage: leak_scan.py endings|busy|programs|limits|interrupted|storm|late_blocks|
                    places|shared_heap|sandboxed|namespace
"""
import sys

from harness import (TARGETS, as_json, check, check_that, need, plain, record,
                     skip, target, unharmed)

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


# Threads that would do something about EINTR, which they never saw without us.
def interrupted():
  for call in ("poll", "pause", "select", "sleep", "sigsuspend", "epoll_wait"):
    for how in ("return", "_exit", "quick_exit"):
      check_scan(unharmed(target("scan_ends"), call, how, env=ON), "complete",
                 f"{call} {how}")


# A handler that waits for what a thread holds that stands still.
def storm():
  for how in ("return", "_exit", "quick_exit"):
    run = unharmed(target("scan_ends"), "storm", how, env=ON)
    check_scan(run, "complete", f"storm {how}")


# What threads make after the scan, which has not seen where they put it.
def late_blocks():
  for _ in range(3):
    run = unharmed(target("scan_ends"), "busy", "return", env=ON)
    classes = check_scan(run, "complete", "busy threads")["classes"]
    check("lost", classes["lost"]["blocks"], 0)
    check("indirectly lost", classes["indirectly_lost"]["blocks"], 0)


def places():
  for case in ("exit_on_fiber", "exit_above_fiber", "stack_in_hole",
               "pool_in_hole", "out_of_bounds", "huge_pages"):
    run = unharmed(target("scan_places"), case, env=ON)
    if "held" not in run.claims:
      continue
    classes = check_scan(run, "complete", case)["classes"]
    check(f"lost in {case}", classes["lost"]["blocks"], 0)
    held = sum(site["blocks"] for site in classes["still_reachable"]["sites"]
               if (site["module"] or "").endswith("target_scan_places"))
    check(f"held in {case}", held, run.claims["held"])


# An allocator whose memory is neither anonymous nor private.
def shared_heap():
  library = TARGETS / "libshared_allocator.so"
  for case, lost in (("held_list", 0), ("held_vector", 0), ("lost_many", 100)):
    run = record(target("leak_cases"), case, env=ON, behind=(library,))
    check(f"exit code of {case}", run.code, 0)
    classes = check_scan(run, "complete", case)["classes"]
    check(f"lost in {case}", classes["lost"]["blocks"], lost)


# What the handler in a thread calls would end the program.
def sandboxed():
  run = unharmed(target("scan_ends"), "sandboxed", "return", env=ON)
  check_scan(run, "threads_missed", "a thread that has confined itself")


# /proc is another namespace's, and lists threads by other numbers.
def namespace():
  need("unshare")
  command = ("unshare", "--pid", "--fork")
  if plain(*command, "true").code != 0:
    skip("no namespaces here")
  run = record(*command, target("ending"), "return", env=ON)
  check("exit code", run.code, 2)
  trace, = (trace for trace in run.traces if "ending" in trace.name)
  check("outcome", as_json("leaks", trace)["scan"]["outcome"], "no_map")


if __name__ == "__main__":
  {"endings": endings, "busy": busy, "programs": programs, "limits": limits,
   "interrupted": interrupted, "storm": storm, "late_blocks": late_blocks,
   "places": places, "shared_heap": shared_heap, "sandboxed": sandboxed,
   "namespace": namespace}[sys.argv[1]]()
