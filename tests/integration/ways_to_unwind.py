# SPDX-License-Identifier: Apache-2.0
"""SAGEMEM_UNWIND and SAGEMEM_STACKS change how stacks are had, and of what, not
what is recorded: the same allocations at the same places."""
from harness import (check, check_exact, check_that, events, record,
                     site_counts, summary, target)

COMMAND = (target("containers"),)


def totals(run):
  result = summary(run.trace)
  check_exact(result)
  return result["totals"]


usual = record(*COMMAND)
for name, value in (("UNWIND", "libunwind"), ("UNWIND", "verified"),
                    ("STACKS", "both"), ("STACKS", "alloc")):
  other = record(*COMMAND, env={f"SAGEMEM_{name}": value})
  check(f"totals, {name}={value}", totals(other), totals(usual))
  check(f"sites, {name}={value}", site_counts(other.trace),
        site_counts(usual.trace))
  frees = [event for event in events(other.trace) if event["kind"] == "free"]
  check_that(frees, "nothing was freed")
  for event in frees:
    check("a release has a stack", "stack" in event, value == "both")
    if value == "both":
      check_that(len(event["stack"]) > 2, f"a short stack: {event}")
