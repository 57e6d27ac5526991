#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the reports of the fixtures with expected/.

usage: run_goldens.py PRINT_FIXTURE [--approve]
"""
import difflib
import itertools
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
SCHEMA = HERE.parent.parent / "analyzer/report/schema/report.schema.json"
FIXTURES = ("forests", "killed", "empty", "hostile", "scopes")
REPORTS = ("summary", "peak", "leaks", "sites", "scopes", "categories", "info",
           "dump")
# One fixture each is enough.
QUESTIONS = [("killed", "threads"), ("forests", "modules"),
             ("forests", "sizes"), ("forests", "lifetimes"),
             ("forests", "temporary"), ("forests", "blocks"), ("scopes", "at"),
             ("scopes", "between")]
STYLES = [
    ("forests", "summary", "utf8", "color"),
    ("forests", "summary", "utf8", "wide"),
    ("forests", "peak", "stacks"),
    ("forests", "leaks", "stacks"),
    ("forests", "sites", "stacks"),
    ("forests", "categories", "stacks"),
    ("forests", "summary", "stacks", "json"),
    ("forests", "summary", "reproducible"),
    ("forests", "summary", "reproducible", "json"),
    ("forests", "sites", "chosen"),
    ("forests", "sites", "chosen", "json"),
    ("forests", "lifetimes", "bysite"),
    ("forests", "lifetimes", "bysite", "json"),
    ("scopes", "scopes", "csv"),
    ("hostile", "sites", "csv"),
    ("forests", "categories", "csv"),
    ("killed", "summary", "color"),
    ("scopes", "scopes", "escaped"),
    ("scopes", "scopes", "escaped", "json"),
    ("scopes", "scopes", "one"),
    ("scopes", "scopes", "one", "json"),
    ("scopes", "scopes", "forecast", "wide"),
    ("scopes", "scopes", "forecast", "json"),
    ("forests", "tree"),
    ("forests", "tree", "json"),
    ("killed", "tree", "bottom-up", "leaked"),
    ("empty", "tree", "json"),
    ("forests", "growth"),
    ("forests", "growth", "json"),
    ("hostile", "growth"),
    ("scopes", "reuse"),
    ("scopes", "reuse", "json"),
    ("scopes", "advise"),
    ("killed", "advise", "json"),
    ("hostile", "tree", "wide"),
    ("forests", "tree", "chosen"),
    ("forests", "tree", "csv"),
    ("forests", "growth", "csv"),
    ("scopes", "reuse", "csv"),
    ("killed", "advise", "csv"),
    ("hostile", "summary", "utf8"),
    ("hostile", "sites", "stacks", "wide"),
]


def cases():
  for fixture, report in itertools.product(FIXTURES, REPORTS):
    yield fixture, report
    yield fixture, report, "json"
  for fixture, report in QUESTIONS:
    yield fixture, report
    yield fixture, report, "json"
    yield fixture, report, "csv"
  yield from STYLES


def closed(schema):
  """The schema without room for keys that it does not describe: additions are
  allowed to a reader, not to us."""
  if isinstance(schema, list):
    return [closed(part) for part in schema]
  if not isinstance(schema, dict):
    return schema
  result = {key: closed(part) for key, part in schema.items()}
  if isinstance(result.get("required"), list):
    result.setdefault("additionalProperties", False)
  return result


def validate(text, name):
  """Against the schema, where the module for that is installed."""
  document = json.loads(text)
  assert document["schema"]["name"] == f"sagemem.{name}"
  try:
    import jsonschema
  except ImportError:
    return
  schema = closed(json.loads(SCHEMA.read_text()))
  jsonschema.validate(document, {
      "$ref": f"#/$defs/{name}_report", "$defs": schema["$defs"]})


def main():
  program = sys.argv[1]
  approve = "--approve" in sys.argv[2:]
  failures = 0
  EXPECTED.mkdir(exist_ok=True)
  leftover = set(EXPECTED.iterdir())
  for case in cases():
    text = subprocess.run([program, *case], check=True,
                          capture_output=True).stdout.decode()
    if "json" in case:
      validate(text, case[1])
    path = EXPECTED / ".".join((*case, "txt"))
    leftover.discard(path)
    if approve:
      path.write_bytes(text.encode())  # CSV keeps its CRLF
      continue
    want = path.read_bytes().decode() if path.exists() else ""
    if text != want:
      failures += 1
      sys.stdout.writelines(difflib.unified_diff(
          want.splitlines(True), text.splitlines(True), path.name, "now"))
  for path in leftover:
    if approve:
      path.unlink()
    else:
      failures += 1
      print(f"{path.name} is the report of nothing")
  if failures:
    print(f"{failures} reports changed.  If that is meant: "
          "scripts/approve-goldens, and read the difference.")
  return 1 if failures else 0


if __name__ == "__main__":
  sys.exit(main())
