# SPDX-License-Identifier: Apache-2.0
"""Stacks of more than a thousand frames are recorded whole; a hundred thousand
frames, in turn with shallow ones, do the program no harm."""
from harness import (check, check_that, check_totals, events, summary, target,
                     unharmed)

DEPTH = 1500
run = unharmed(target("recursion"), DEPTH, "20")
check_totals(run.trace, run.claims)
deepest = max(len(event["stack"]) for event in events(run.trace)
              if event["kind"] == "alloc")
# take(), descend() DEPTH + 1 times, main, and what starts main.
check_that(deepest >= DEPTH + 3, f"{deepest} frames")

run = unharmed(target("recursion"), "100000", "10")
totals = summary(run.trace)["totals"]
check("allocations", totals["allocations"], run.claims["allocations"])
check("frees", totals["frees"], run.claims["releases"])
