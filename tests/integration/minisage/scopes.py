# SPDX-License-Identifier: Apache-2.0
"""One forest by category, as a filter and as a scope: its parts at its peak.
And forests of a trace that was recorded without a rule, by the profile that the
program calls for; of a stripped program none, and that is said."""
import json

from example import FORESTS, MINISAGE, command, work_place
from harness import check, check_that, need, plain, record, report

FOREST = 17


def ask(*words):
  return json.loads(report(*words, "--json").stdout)


place = work_place()
trace = record(*command(), directory=place).trace
seen = ask("scopes", "--top", "0", trace)["scopes"]
check("forests", sorted(one["number"] for one in seen), list(range(FORESTS)))
(one,) = ask("scopes", "--scope", f"forest={FOREST}", trace)["scopes"]
held = {part["name"]: part["bytes"] for part in one["peak_categories"]}
parts = ask("categories", "--scope", f"forest={FOREST}", trace)
check("its peak", parts["peak"]["bytes"], one["peak_bytes"])
check("its categories", {part["name"]: part["peak_bytes"]
                         for part in parts["categories"]
                         if part["peak_bytes"]}, held)
check("sum of them", sum(held.values()), one["peak_bytes"])
trace.unlink()

# Without a rule: in their order, from one allocation to the next.
trace = record(*command(), directory=place,
               env={"SAGEMEM_SCOPES": "off"}).trace
guessed = ask("scopes", "--top", "0", "--sort", "begin", trace)["scopes"]
check("inferred forests", len(guessed), FORESTS)
peaks = {one["number"]: one["peak_bytes"] for one in seen}
order = [one["number"] for one in sorted(seen, key=lambda s: s["begin_ns"])]
check("their peaks", [one["peak_bytes"] for one in guessed],
      [peaks[number] for number in order])
text = report("scopes", trace).stdout
check_that("inferred at sage_per_forest" in text, text)
trace.unlink()

need("strip")
bare = place / "minisage"
check("strip", plain("strip", "-s", "-o", bare, MINISAGE).code, 0)
run = record(bare, *command()[1:], directory=place)
text = report("scopes", run.trace).stdout
check_that("stripped of its symbol table" in text, text)
check("scopes", ask("scopes", run.trace)["scopes"], [])
