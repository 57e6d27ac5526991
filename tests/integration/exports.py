# SPDX-License-Identifier: Apache-2.0
"""Each format of `sagemem-report export` is read by the tool that it is for, or
by a reader of its own here where there is none, and has the totals of the
report: of minisage with leaks, and of a program whose function has a name that
is all syntax.

usage: exports.py FORMAT
"""
import collections
import csv
import gzip
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from harness import (as_json, check, check_that, need, plain, record, report,
                     scratch, skip)

MINISAGE = os.environ["TEST_MINISAGE"]
MAKE_TREES = os.environ["TEST_MAKE_TREES"]
PARAMETERS = os.environ["TEST_PARAMETERS"]
SCHEMA = Path(os.environ["TEST_EXPORT_SCHEMA"])
NUMBERS = {"peak": "peak_bytes", "leaked": "leaked_bytes",
           "allocated": "bytes_allocated", "blocks": "allocations",
           "temporary": "temporary"}
# What a reader could take for a separator, a comment, a quote, a new line.
ODD_NAME = "=a;b #c \"d\", (7) n3: 5\n'x\\ fn=(1)"
ODD_SHOWN = ODD_NAME.replace("\n", "\\x0a")


# --------------------------------------------------------------------- traces

def galaxy_trace():
  place = scratch()
  plain(MAKE_TREES, "--out", "trees", "--forests", 12, "--files", 2,
        "--max-halos", 1500, directory=place)
  shutil.copy(PARAMETERS, place / "minisage.par")
  run = record(MINISAGE, "minisage.par", "--leak", "3,7", directory=place)
  check("minisage ends with", run.code, 0)
  return run.trace


def odd_trace():
  """Of a program whose allocating function is called ODD_NAME."""
  need("gcc", "objcopy")
  place = scratch()
  (place / "odd.c").write_text(
      "#include <stdlib.h>\n"
      "void *kept[9];\n"
      "__attribute__((noinline)) void *odd(int i) {"
      " return kept[i] = malloc(100); }\n"
      "int main(void) { for (int i = 0; i < 9; ++i) odd(i); free(kept[0]);"
      " return 0; }\n")
  subprocess.run(["gcc", "-O1", "-c", "odd.c"], cwd=place, check=True)
  subprocess.run(["objcopy", "--redefine-sym", f"odd={ODD_NAME}", "odd.o",
                  "renamed.o"], cwd=place, check=True)
  subprocess.run(["gcc", "renamed.o", "-o", "odd"], cwd=place, check=True)
  return record(place / "odd", directory=place).trace


def exported(trace, name, *options):
  """The bytes of an export, to a file and to standard output alike."""
  out = trace.parent / f"out.{name}"
  said = report("export", name, trace, "-o", out, *options)
  check("standard output beside a file", said.stdout, "")
  data = out.read_bytes()
  again = subprocess.run([os.environ["TEST_REPORT"], "export", name, trace,
                          *options], capture_output=True, check=True).stdout
  check(f"{name}: file and standard output are alike", again == data, True)
  return data


class Facts:
  """What the report says of a trace."""

  def __init__(self, trace):
    self.trace = trace
    self.summary = as_json("summary", trace)
    self.sites = as_json("sites", trace)["sites"]
    self.total = {name: sum(site[key] for site in self.sites)
                  for name, key in NUMBERS.items()}
    check("peak in all", self.total["peak"], self.summary["peak"]["bytes"])
    check("leaked in all", self.total["leaked"],
          self.summary["leaked"]["bytes"])
    # Bytes by the whole stack of names, outermost first.
    self.folded = {name: collections.Counter() for name in NUMBERS}
    for site in as_json("sites", trace, "--stacks", 1000000)["sites"]:
      for stack in site["call_stacks"]:
        path = tuple(shown(frame["function"])
                     for frame in reversed(stack["frames"]))
        for name, key in NUMBERS.items():
          self.folded[name][path] += stack[key]


def shown(name):
  return name.replace("\n", "\\x0a")


def positive(counter):
  return {key: value for key, value in counter.items() if value}


# -------------------------------------------------------------------- formats

def check_folded(facts):
  for name in NUMBERS:
    lines = exported(facts.trace, "folded", "--value", name).decode()
    got = collections.Counter()
    for line in lines.splitlines():
      stack, value = line.rsplit(" ", 1)
      got[tuple(part.replace("\\x3b", ";") for part in stack.split(";"))] += \
          int(value)
    check(f"folded {name}", dict(got), positive(facts.folded[name]))


def check_speedscope(facts):
  data = json.loads(exported(facts.trace, "speedscope", "--value", "leaked"))
  check("schema", data["$schema"],
        "https://www.speedscope.app/file-format-schema.json")
  frames = data["shared"]["frames"]
  names = [profile["name"].split(":")[0] for profile in data["profiles"]]
  check("profiles", names, list(NUMBERS))
  check("shown first", names[data["activeProfileIndex"]], "leaked")
  for name, profile in zip(names, data["profiles"]):
    got = collections.Counter()
    for stack, weight in zip(profile["samples"], profile["weights"],
                             strict=True):
      got[tuple(frames[i]["name"] for i in stack)] += weight
    check(f"speedscope {name}", dict(got), positive(facts.folded[name]))
    check("type", (profile["type"], profile["startValue"],
                   profile["endValue"]), ("sampled", 0, facts.total[name]))
    check("unit", profile["unit"],
          "none" if name in ("blocks", "temporary") else "bytes")


def fields(data):
  """(number, value) of each field of a protobuf message: the wire format,
  protobuf.dev/programming-guides/encoding."""
  at = 0

  def varint():
    nonlocal at
    value = shift = 0
    while True:
      byte = data[at]
      at += 1
      value |= (byte & 127) << shift
      shift += 7
      if byte < 128:
        return value

  while at < len(data):
    key = varint()
    if key & 7 == 0:
      yield key >> 3, varint()
    else:
      check("wire type", key & 7, 2)
      length = varint()
      yield key >> 3, data[at:at + length]
      at += length


def numbers(data):
  """A packed list of varints."""
  value = shift = 0
  for byte in data:
    value |= (byte & 127) << shift
    shift += 7
    if byte < 128:
      yield value
      value = shift = 0


def check_pprof(facts):
  data = exported(facts.trace, "pprof", "--value", "leaked")
  parts = collections.defaultdict(list)
  for number, value in fields(gzip.decompress(data)):
    parts[number].append(value)
  strings = [text.decode() for text in parts[6]]
  check("first string", strings[0], "")
  check("distinct strings", len(strings), len(set(strings)))
  kinds = [strings[dict(fields(kind))[1]] for kind in parts[1]]
  check("shown first", strings[parts[14][0]], "leaked")
  functions = {one[1]: strings[one[2]]
               for one in (dict(fields(raw)) for raw in parts[5])}
  locations = {}
  for raw in parts[4]:
    inner = list(fields(raw))
    locations[dict(inner)[1]] = [functions[dict(fields(line))[1]]
                                 for number, line in inner if number == 4]
  got = {name: collections.Counter() for name in NUMBERS}
  for raw in parts[2]:
    sample = dict(fields(raw))
    path = [name for one in numbers(sample[1]) for name in locations[one]]
    for kind, value in zip(kinds, numbers(sample[2]), strict=True):
      if kind in got:
        got[kind][tuple(reversed(path))] += value
  for name in NUMBERS:
    check(f"pprof {name}", positive(got[name]), positive(facts.folded[name]))
  if shutil.which("go"):
    check_go_pprof(facts)


def check_go_pprof(facts):
  for kind in ("peak", "leaked", "allocated"):
    run = plain("go", "tool", "pprof", "-top", "-unit=B", "-nodefraction=0",
                "-nodecount=1000000", f"-sample_index={kind}",
                facts.trace.parent / "out.pprof",
                env={"HOME": str(facts.trace.parent)})
    check(f"go tool pprof, which says {run.stderr}", run.code, 0)
    total = re.search(r"of (\d+)B? total", run.stdout)
    check_that(total, f"no total in {run.stdout}")
    check(f"go tool pprof {kind}", int(total[1]), facts.total[kind])
    check_that("Type: " + kind in run.stdout, "wrong type")


def check_chrome(facts):
  data = json.loads(exported(facts.trace, "chrome"))["traceEvents"]
  heap = [event for event in data if event["name"] == "heap"]
  check("phases of the heap", {event["ph"] for event in heap}, {"C"})
  check("highest", max(event["args"]["bytes"] for event in heap),
        facts.summary["peak"]["bytes"])
  times = [event["ts"] for event in heap]
  check_that(times == sorted(times), "times go back")
  scopes = as_json("scopes", facts.trace, "--sort", "begin")["scopes"]
  slices = [event for event in data if event["ph"] == "X"]
  got = [(event["name"], event["args"]["peak_bytes"], event["ts"],
          event["dur"]) for event in slices]
  want = [(f"{one['name']} {one['number']}", one["peak_bytes"],
           one["begin_ns"] / 1000, (one["end_ns"] - one["begin_ns"]) / 1000)
          for one in scopes]
  check("slices", got, want)
  for one, event in zip(scopes, slices):
    check("captured", {key: event["args"][key] for key in one["captured"]},
          one["captured"])


def check_massif(facts):
  text = exported(facts.trace, "massif").decode()
  need("ms_print")
  run = plain("ms_print", "--threshold=0", facts.trace.parent / "out.massif")
  check(f"ms_print, which says {run.stderr}", run.code, 0)
  rows = re.findall(r"^ *(\d+) +([\d,.]+) +([\d,]+) +([\d,]+) +0 +0$",
                    run.stdout, re.MULTILINE)
  totals = [int(row[2].replace(",", "")) for row in rows]
  check("snapshots", len(rows), text.count("snapshot="))
  check("highest snapshot", max(totals), facts.total["peak"])
  check("last snapshot", totals[-1], facts.total["leaked"])
  peak = re.search(r"\[(.*), (\d+) \(peak\)", run.stdout.replace("\n", " "))
  check_that(peak or re.search(r"\d+ \(peak\)", run.stdout), "no peak")
  trees = re.findall(r"^100\.00% \(([\d,]+)B\) \(heap allocation functions\)",
                     run.stdout, re.MULTILINE)
  check("trees", [int(tree.replace(",", "")) for tree in trees],
        [facts.total["peak"], facts.total["leaked"]])
  check_massif_trees(facts, text)


def check_massif_trees(facts, text):
  """A node has the bytes of all stacks that end in its path; nodes below a
  hundredth are in the sums."""
  name = None
  path = []
  for line in text.splitlines():
    if line.startswith("heap_tree="):
      name = {"peak": "peak", "detailed": "leaked"}.get(line[10:])
    node = re.match(r"( *)n\d+: (\d+) (?:0x0: (.*) \((?:in )?[^()]*\)$)?", line)
    if not node or not node[3]:
      continue
    path[len(node[1]) - 1:] = [node[3].replace("\\x23", "#")]
    want = sum(value for stack, value in facts.folded[name].items()
               if stack[::-1][:len(path)] == tuple(path))
    # Lines of one function are nodes of their own.
    check_that(0 < int(node[2]) <= want, f"{path}: {node[2]} of {want}")


def check_callgrind(facts):
  text = exported(facts.trace, "callgrind").decode()
  need("callgrind_annotate")
  run = plain("callgrind_annotate", "--threshold=100", "--inclusive=yes",
              "--show-percs=no", facts.trace.parent / "out.callgrind")
  check(f"callgrind_annotate, which says {run.stderr}", run.code, 0)
  line = re.search(r"^(.*)  PROGRAM TOTALS", run.stdout, re.MULTILINE)[1]
  shown_totals = [int(word.replace(",", "")) for word in line.split()]
  events = re.search(r"^events: (.*)$", text, re.MULTILINE)[1].split()
  totals = dict(zip(events, shown_totals, strict=True))
  check("totals", {name: totals[name] for name in NUMBERS}, facts.total)
  main = re.search(r"^(.*?)  \S*:main \[", run.stdout, re.MULTILINE)
  check_that(main, "no main")
  inclusive = dict(zip(events, main[1].split(), strict=True))
  through = sum(value for path, value in facts.folded["peak"].items()
                if "main" in path)
  check("through main", int(inclusive["peak"].replace(",", "")), through)


def check_csv(facts):
  rows = list(csv.DictReader(io.StringIO(
      exported(facts.trace, "csv").decode(), newline="")))
  check("rows", len(rows), len(facts.sites))
  for row, site in zip(sorted(rows, key=site_key),
                       sorted(facts.sites, key=site_key)):
    name = shown(site["function"])
    check("function", row["function"], "'" + name if name[0] == "=" else name)
    check("line", row["line"], str(site["line"] or ""))
    for key in NUMBERS.values():
      check(key, int(row[key]), site[key])
  timeline = exported(facts.trace, "csv", "--table", "timeline").decode()
  check("points", timeline.count("\n"), len(facts.summary["timeline"]) + 1)
  report("export", "csv", facts.trace, "--table", "none", want=2)


def site_key(site):
  return (str(site["line"] or ""), shown(site["function"]).strip("'"),
          int(site["bytes_allocated"]), str(site["module"]),
          int(site["allocations"]), int(site["peak_bytes"]))


def check_json(facts):
  data = json.loads(exported(facts.trace, "json"))
  check_tables(facts, data)
  try:
    import jsonschema
  except ImportError:
    skip("python3-jsonschema is not installed")
  schema = json.loads(SCHEMA.read_text())
  jsonschema.Draft202012Validator.check_schema(schema)
  for name, table in schema["properties"].items():
    if table["type"] == "array":  # we add nothing that it does not describe
      table["items"]["additionalProperties"] = False
      check_that(name in data, f"no table {name}")
  jsonschema.Draft202012Validator({**schema, "additionalProperties": False}
                                  ).validate(data)


def check_sqlite(facts):
  path = facts.trace.parent / "out.sqlite"
  report("export", "sqlite", facts.trace, want=2)
  report("export", "sqlite", facts.trace, "-o", path)
  database = sqlite3.connect(path)
  database.row_factory = sqlite3.Row
  check("integrity", database.execute("PRAGMA integrity_check").fetchone()[0],
        "ok")
  names = [row[0] for row in database.execute(
      "SELECT name FROM sqlite_master WHERE type = 'table'")]
  tables = {name: [dict(row) for row in
                   database.execute(f"SELECT * FROM {name}")]
            for name in names}
  check_tables(facts, tables)
  got = {tuple(row["functions"].split(";")): row["peak_bytes"]
         for row in database.execute(
             "SELECT functions, sum(peak_bytes) AS peak_bytes FROM call_stacks "
             "GROUP BY functions")
         if ODD_SHOWN not in row["functions"]}
  check("call_stacks", positive(got),
        positive({path: value for path, value in facts.folded["peak"].items()
                  if ODD_SHOWN not in path}))
  through = sum(value for path, value in facts.folded["peak"].items()
                if "main" in path)
  check("functions", database.execute(
      "SELECT sum(peak_bytes) FROM functions WHERE function = 'main'"
  ).fetchone()[0], through)
  for view in ("peak_sites", "leaked_sites", "scopes_with_values"):
    database.execute(f"SELECT * FROM {view}").fetchall()
  if tables["scopes"]:
    values = database.execute("SELECT number, value_nhalos FROM "
                              "scopes_with_values ORDER BY id").fetchall()
    scopes = as_json("scopes", facts.trace, "--sort", "begin")["scopes"]
    check("values of scopes", [tuple(row) for row in values],
          [(one["number"], one["captured"].get("nhalos")) for one in scopes])


def check_tables(facts, tables):
  (run,) = tables["run"]
  for key in ("allocations", "frees", "bytes_allocated", "reallocations"):
    check(key, run[key], facts.summary["totals"][key])
  check("peak", run["peak_bytes"], facts.summary["peak"]["bytes"])
  check("exact", bool(run["exact"]), facts.summary["exact"])
  for table in ("sites", "stacks", "categories"):
    for name, key in NUMBERS.items():
      check(f"{key} of {table}", sum(row[key] for row in tables[table]),
            facts.total[name])
  check("leaks", sum(row["bytes"] for row in tables["leaks"]),
        facts.total["leaked"])
  frames = {row["id"]: row for row in tables["frames"]}
  paths = collections.defaultdict(list)
  for row in sorted(tables["stack_frames"],
                    key=lambda row: (row["stack"], row["depth"])):
    paths[row["stack"]].append(frames[row["frame"]]["function"])
  got = collections.Counter()
  for row in tables["stacks"]:
    got[tuple(paths[row["id"]])] += row["bytes_allocated"]
  check("stacks", positive(got), positive(facts.folded["allocated"]))
  scopes = as_json("scopes", facts.trace, "--sort", "begin")["scopes"]
  for key in ("name", "number", "peak_bytes", "escaped_bytes", "floor_bytes",
              "begin_ns", "ending", "tid"):
    check(f"scopes: {key}", [row[key] for row in tables["scopes"]],
          [one[key] for one in scopes])
  categories = {one["name"]: one["own_peak_bytes"] for one in
                as_json("categories", facts.trace)["categories"]}
  check("own peaks", {row["name"]: row["own_peak_bytes"]
                      for row in tables["categories"]
                      if row["name"] in categories}, categories)
  check("timeline", [row["max_bytes"] for row in tables["timeline"]],
        [one["max_bytes"] for one in facts.summary["timeline"]])


def check_never_over_a_trace(trace):
  before = trace.read_bytes()
  link = trace.parent / "link"
  link.symlink_to(trace.name)
  for name in ("folded", "sqlite"):
    for path in (trace, link):
      said = report("export", name, trace, "-o", path, want=2).stderr
      check_that("is a trace" in said, said)
  link.unlink()
  check("the trace", trace.read_bytes() == before, True)
  report("export", "nothing", trace, want=2)
  report("export", "folded", trace, "--value", "nothing", want=2)
  report("export", "folded", trace, "-o", trace.parent / "no" / "out", want=4)


def main():
  name = sys.argv[1]
  galaxies = galaxy_trace()
  if name == "refusals":
    return check_never_over_a_trace(galaxies)
  checks = globals()["check_" + name]
  checks(Facts(galaxies))
  return checks(Facts(odd_trace()))


main()
