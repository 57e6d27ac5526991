# SPDX-License-Identifier: Apache-2.0
"""The report names the culprit of each planted defect: the function, and how
often or how much."""
import re
import sys

from example import FORESTS, account_in, command, work_place
from harness import as_json, check, check_that, record, report, summary


def sites_of(result, function):
  return [site for site in result["sites"] if site["function"] == function]


def total(sites, what):
  return sum(site[what] for site in sites)


def leak(place):
  """Two forests leave three arrays of sage_per_forest, one of load_forest."""
  trace = record(*command("--leak", "3,7"), directory=place).trace
  result = summary(trace)
  guilty = {site["function"] for site in result["sites"]
            if site["leaked_blocks"]}
  check("who leaks", guilty, {"sage_per_forest", "load_forest"})
  check("load_forest", total(sites_of(result, "load_forest"), "leaked_blocks"),
        2)
  check("sage_per_forest",
        [site["leaked_blocks"] for site in sites_of(result, "sage_per_forest")],
        [2, 2, 2])
  text = report("leaks", trace).stdout
  for name in ("sage_per_forest.c", "load_forest.c"):
    check_that(name in text, f"{name} is not in:\n{text}")


def escaped(place):
  """The forests that leak are named by their numbers, the others are not."""
  trace = record(*command("--leak", "3,7"), directory=place).trace
  result = as_json("scopes", "--escaped", trace)
  (rule,) = result["rules"]
  check("forests", (rule["name"], rule["count"]), ("forest", FORESTS))
  check("who leaks", sorted(scope["number"] for scope in result["scopes"]),
        [3, 7])
  for scope in result["scopes"]:
    sites = scope["escaped_sites"]
    check("blocks", sum(site["blocks"] for site in sites),
          scope["escaped_blocks"])
    check("sites", {site["function"] for site in sites},
          {"sage_per_forest", "load_forest"})
    check("never released", scope["leaked_bytes"], scope["escaped_bytes"])


def growth(place):
  """Nearly all bytes go through the two reallocs that grow the arrays."""
  trace = record(*command("--growth", 50), directory=place).trace
  result = summary(trace)
  account = account_in(place)
  grown = sites_of(result, "grow_galaxy_arrays")
  check("sites", len(grown), 2)
  # The second tree file grew the table of forests: one realloc more.
  check("reallocs", total(grown, "allocations"), account["reallocations"] - 1)
  check_that(total(grown, "bytes_allocated") >
             0.8 * result["totals"]["bytes_allocated"], "growth is cheap")
  ladders = sites_of(as_json("growth", trace), "grow_galaxy_arrays")
  check("steps", total(ladders, "steps"), account["reallocations"] - 1)
  for ladder in ladders:
    check("rule", ladder["rule"], "fixed")
    check("elements", ladder["increment"] % 50, 0)
    check_that(ladder["factors"][1]["calls"] * 2 < ladder["steps"],
               "a factor would not save calls")


def temporary(place):
  """So many blocks a halo, each released before the next."""
  run = record(*command("--temporary", 20), directory=place)
  result = summary(run.trace)
  halos = int(re.search(r"(\d+) halos", run.stdout).group(1))
  storm = sites_of(result, "plant_temporaries")
  check("blocks", total(storm, "allocations"), 20 * halos)
  check("temporary", total(storm, "temporary"), 20 * halos)
  check_that(result["temporary"]["count"] >= 20 * halos, "not in the total")


def huge(place):
  """One forest reserves what it never touches: heap without resident pages."""
  trace = record(*command("--huge", "7,50"), directory=place).trace
  result = summary(trace)
  peak = result["peak"]
  arrays = sorted(site["peak_bytes"]
                  for site in sites_of(result, "sage_per_forest"))
  check_that(sum(arrays[-2:]) > 0.95 * peak["bytes"], f"{arrays} of {peak}")
  check_that(peak["max_resident_bytes"] < peak["bytes"] / 2, f"{peak}")


def abort(place):
  """The run ends in abort(), with the arrays of the forest live."""
  run = record(*command("--abort-at", 5), directory=place)
  check("exit code", run.code, -6)
  result = summary(run.trace)
  check("end", result["end"]["kind"], "abort")
  live = sites_of(result, "sage_per_forest") + sites_of(result, "load_forest")
  check("live", [site["leaked_blocks"] for site in live], [1, 1, 1, 1])


for name in sys.argv[1:]:
  globals()[name](work_place())
