# SPDX-License-Identifier: Apache-2.0
"""The built-in profile knows the parts of minisage, with source lines and
without debug information; the parts make up the whole."""
import json
import subprocess

from example import FORESTS, MINISAGE, command, work_place
from harness import check, check_that, need, record, report


def categories_of(words, place):
  trace = record(*words, directory=place).trace
  result = json.loads(report("categories", "--json", trace).stdout)
  trace.unlink()
  check("profile", result["profile"], "sage-model")
  return result, {one["name"]: one for one in result["categories"]}


need("objcopy")
place = work_place()
result, named = categories_of(command(), place)
check("Unknown", named["Unknown"]["allocations"], 0)
check("told by order", result["told_by_order"], 0)
check("Halos", named["Halos"]["allocations"], FORESTS)
for name in ("Galaxies", "Trees", "I/O", "Utility"):
  check_that(named[name]["allocations"] > 0, f"no allocation in {name}")
check("sum at the peak", sum(one["peak_bytes"] for one in named.values()),
      result["peak"]["bytes"])
for name, one in named.items():
  check_that(one["own_peak_bytes"] >= one["peak_bytes"], f"own peak of {name}")
(limit,) = result["limits"]
check("limit", limit["limit"], 2048)
check_that(0 < limit["most"] <= 100, f"{limit['most']} blocks at once")

# The three arrays of sage_per_forest, by the order of the calls alone.
bare = place / "minisage"
subprocess.run(["objcopy", "--strip-debug", MINISAGE, bare], check=True)
result, named_bare = categories_of([bare, *command()[1:]], place)
check("told by order", result["told_by_order"], 3 * FORESTS)
check("Halos without lines", named_bare["Halos"]["bytes_allocated"],
      named["Halos"]["bytes_allocated"])
