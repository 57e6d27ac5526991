# SPDX-License-Identifier: Apache-2.0
"""`diff`: two versions of one program, and two runs that are the same."""
import csv
import io
import json
import sys
from pathlib import Path

from harness import as_json, check, check_that, record, report, target

try:
  import jsonschema
except ImportError:
  jsonschema = None

SCHEMA = (Path(__file__).parents[2] /
          "analyzer/report/schema/report.schema.json")

LEAKS = 10  # of "forget", in every tenth of a hundred forests


def diff(*arguments):
  return as_json("diff", *arguments)


def by_function(changes):
  return {site["function"]: site for site in changes["sites"]}


old = record(target("version_1")).trace
new = record(target("version_2")).trace

# ---------------------------------------------------------------- two versions

changes = diff(old, new, "--noise", "0")
if jsonschema:
  jsonschema.validate(changes, json.loads(SCHEMA.read_text()))
check("leaked, old", changes["whole"]["leaked_bytes"]["old"], 0)
check("leaked, new", changes["whole"]["leaked_bytes"]["new"], LEAKS * 700)
for key in ("peak_bytes", "peak_blocks", "bytes_allocated", "allocations",
            "leaked_blocks", "temporary", "duration_ns", "max_resident_bytes"):
  check_that(key in changes["whole"], f"no {key}")

sites = changes["sites"]
check("functions that differ", sorted({site["function"] for site in sites}),
      ["forget", "grow", "load", "load_more"])
forget = by_function(changes)["forget"]
check("a site that was there and leaks now", forget["leaked"], "grown")
check("its line", (Path(forget["file"]).name, forget["line"],
                   forget["matched"]), ("main.c", forget["old_line"], "line"))
check("its leaks", (forget["old_leaked_bytes"], forget["new_leaked_bytes"],
                    forget["new_leaked_blocks"]), (0, LEAKS * 700, LEAKS))

grow = by_function(changes)["grow"]
check("a file that was renamed",
      (grow["matched"], Path(grow["old_file"]).name,
       Path(grow["file"]).name), ("renamed", "util.c", "array.c"))
check("its peak", (grow["own_peak"], grow["old_own_peak_bytes"],
                   grow["new_own_peak_bytes"]), ("grown", 2000, 500000))

load = {site["line"]: site for site in sites if site["function"] == "load"}
moved = load[57]
check("a line that moved", (moved["old_line"], moved["matched"],
                            moved["own_peak"]), (43, "moved", "grown"))
check("its bytes", (moved["old_bytes_allocated"], moved["new_bytes_allocated"]),
      (20000, 60000))
gone = load[42]
check("a site that is gone", (gone["matched"], gone["own_peak"],
                              gone["new_allocations"]), (None, "gone", 0))
check("the other sites of the function", sorted(load), [42, 57])
added = by_function(changes)["load_more"]
check("a new site", (added["matched"], added["own_peak"], added["allocated"],
                     added["old_line"]), (None, "new", "new", None))

scopes = changes["scopes"]
check("scopes of one run", (scopes["only_old"], scopes["only_new"]), (0, 0))
check("scopes that differ", sorted(s["number"] for s in scopes["changed"]),
      sorted([*range(3, 100, 10), 7]))
check("the largest change", (scopes["changed"][0]["number"],
                             scopes["changed"][0]["peak"]), (7, "grown"))
check("equal scopes", scopes["equal"], 100 - LEAKS - 1)
escaped = {s["number"]: s["new_escaped_bytes"] for s in scopes["changed"]}
check("what escapes", (escaped[3], escaped[7]), (700, 0))

# The other way round, and with what the noise covers.
back = by_function(diff(new, old, "--noise", "0"))
check("new is gone", back["load_more"]["own_peak"], "gone")
check("grown is shrunk", back["grow"]["own_peak"], "shrunk")
quiet = by_function(diff(old, new, "--noise", "50"))
check("beyond half of a number", sorted(quiet), ["forget", "grow", "load"])
check("all that leaks", quiet["forget"]["leaked"], "grown")
check("a seventieth of the peak", quiet["forget"]["own_peak"], "same")

text = report("diff", old, new).stdout
for words in ("OLD", "NEW", "IN ALL", "NEVER RELEASED", "grown", "was line 43",
              "was util.c:", "forest 7  peak", "gone"):
  check_that(words in text, f"{words!r} is not in\n{text}")
rows = list(csv.DictReader(io.StringIO(report("diff", old, new, "--noise", "0",
                                              "--csv").stdout)))
check("rows of CSV", len(rows), len(sites))
chosen = diff(old, new, "--function", "forget")
check("chosen sites", [s["function"] for s in chosen["sites"]], ["forget"])
check("one trace", report("diff", old, want=2).code, 2)
check("no trace", report("diff", old, target("version_1"), want=3).code, 3)

# ------------------------------------------------------------------- two equal

PYTHON = """
import json
table = {str(i): [i] * (i % 50) for i in range(20000)}
print(len(json.dumps(table)))
"""
PROGRAMS = {
    "version_1": ([target("version_1")], {}),
    "containers": ([target("containers")], {}),
    "threads": ([target("threads"), "4"], {}),
    "python": ([sys.executable, "-c", PYTHON], {"PYTHONMALLOC": "malloc"}),
    "git": (["git", "--version"], {}),
}
for name, (command, variables) in PROGRAMS.items():
  first, second = (record(*command, env=variables).trace for _ in range(2))
  same = diff(first, second)
  check(f"{name}: sites that differ", same["sites"], [])
  check(f"{name}: scopes that differ", same["scopes"]["changed"], [])
  words = report("diff", first, second).stdout
  check_that(words.count("No difference.") >= 3, words)
