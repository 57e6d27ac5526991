# SPDX-License-Identifier: Apache-2.0
"""Each output of a verdict has the form that its reader demands."""
import json
import os
import re
import xml.etree.ElementTree
from pathlib import Path

from gate import (BROKEN, NO_ESCAPE, NO_LEAK, UNDECIDED, WRONG, checked,
                  minisage, rule, says, work_place)
from harness import as_json, check, check_that, plain, report, REPORT, skip

try:
  import jsonschema
except ImportError:
  skip("no python3-jsonschema")

# What of SARIF 2.1.0 is used here, with what it demands of that.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {"type": "array", "items": {
            "type": "object",
            "required": ["tool", "results"],
            "properties": {
                "tool": {
                    "required": ["driver"],
                    "properties": {"driver": {
                        "required": ["name"],
                        "properties": {"rules": {
                            "type": "array", "uniqueItems": True,
                            "items": {"required": ["id"]}}}}}},
                "invocations": {"items": {
                    "required": ["executionSuccessful"]}},
                "results": {"type": "array", "items": {
                    "type": "object",
                    "required": ["message", "ruleId", "level", "locations"],
                    "additionalProperties": False,
                    "properties": {
                        "ruleId": {"type": "string"},
                        "level": {"enum": ["none", "note", "warning", "error"]},
                        "message": {"required": ["text"]},
                        "relatedLocations": {"type": "array"},
                        "partialFingerprints": {"additionalProperties": {
                            "type": "string"}},
                        "locations": {"minItems": 1, "items": {
                            "required": ["physicalLocation"],
                            "properties": {"physicalLocation": {
                                "required": ["artifactLocation"],
                                "properties": {
                                    "artifactLocation": {"required": ["uri"]},
                                    "region": {"properties": {"startLine": {
                                        "type": "integer", "minimum": 1}}},
                                }}}}},
                    }}},
            }}},
    }}
GITLAB = {
    "type": "array", "minItems": 1,
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity",
                     "location"],
        "properties": {
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical",
                                  "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {"required": ["begin"], "properties": {
                        "begin": {"type": "integer", "minimum": 1}}}}}}}}

place = work_place()
sound = minisage(place)
leaky = minisage(place, "--leak", "3,7")
aborted = minisage(place, "--abort-at", "5")
report("baseline", "write", sound, "-o", place / "baseline.toml")
(place / "sagemem.toml").write_text(
    "baseline = 'baseline.toml'\n"
    + rule("leaks", NO_LEAK, "hint = 'free it'") + rule("escapes", NO_ESCAPE)
    + rule("peak", "peak.bytes <= baseline.peak.bytes + 5 %",
           "severity = 'warning'")
    + rule("time", "run.time < 1 h") + rule("never", "1 == 2",
                                           "when = '1 == 2'"))
files = ["--junit", "v.xml", "--sarif", "v.sarif", "--gitlab", "v.json",
         "--markdown", "v.md"]
root = Path(os.environ["TEST_CI"]).parent.parent
text = checked(place, leaky, aborted, "--github", "--source-root", root, *files,
               want=BROKEN)

# ------------------------------------------------------------ the annotations
notes = re.findall(r"^::(error|warning) file=([^,]+),line=(\d+),title=([^:]+)::"
                   r"(.+)$", text, re.MULTILINE)
check("annotations", len(notes), text.count("\n::") + text.startswith("::"))
check("place", notes[0][1], "examples/minisage/sage_per_forest.c")
says(notes[0][4], "%0A", "leaked.blocks is 8", "sage_per_forest.c:42")

# ----------------------------------------------------------------------- XML
suites = xml.etree.ElementTree.parse(place / "v.xml").getroot()
check("suites", [suites.tag] + [suite.tag for suite in suites],
      ["testsuites", "testsuite", "testsuite"])
for suite in suites:
  cases = suite.findall("testcase")
  check("tests", int(suite.get("tests")), len(cases))
  for tag, counter in (("failure", "failures"), ("error", "errors"),
                       ("skipped", "skipped")):
    check(counter, int(suite.get(counter)),
          len(suite.findall(f"testcase/{tag}")))
check("failures of the leaky run", suites[0].get("failures"), "2")
check("errors of the aborted run", suites[1].get("errors"), "4")
check("skipped", suites[0].get("skipped"), "1")
says(suites[0].find("testcase/failure").text, "sage_per_forest.c:42",
     "hint: free it")

# ---------------------------------------------------------------------- JSON
sarif = json.loads((place / "v.sarif").read_text())
jsonschema.validate(sarif, SARIF)
(run,) = sarif["runs"]
known = [one["id"] for one in run["tool"]["driver"]["rules"]]
check("rules", known, ["leaks", "escapes", "peak", "time", "never"])
for result in run["results"]:
  check_that(result["ruleId"] in known, result["ruleId"])
gitlab = json.loads((place / "v.json").read_text())
jsonschema.validate(gitlab, GITLAB)
check("results", len(run["results"]), len(gitlab))
schema = json.loads(Path(os.environ["TEST_CHECK_SCHEMA"]).read_text())
code = plain(REPORT, "check", "--json", leaky, aborted, "none.smt",
             directory=place)
check("exit code", code.code, BROKEN)
verdict = json.loads(code.stdout)
jsonschema.validate(verdict, schema)
check("exit code in it", verdict["exit_code"], BROKEN)
finding = verdict["traces"][0]["rules"][0]["findings"][0]
check("value", (finding["value"], finding["bound"]["middle"]), (8, 0))
check("as the report has it", finding["value"],
      as_json("leaks", leaky)["leaked"]["blocks"])
check("worst sites", (len(finding["sites"]), finding["other_sites"]), (3, 1))
check("forests", [one["number"] for one in
                  verdict["traces"][0]["rules"][1]["findings"][0]["scopes"]],
      [3, 7])

# ------------------------------------------------------------------ Markdown
markdown = (place / "v.md").read_text()
says(markdown, "| **broken** | leaks | 8 |", "| skipped | never |",
     "| figure | before | after | change |", "```text")
for row in re.findall(r"^\|.*", markdown, re.MULTILINE):
  check_that(len(re.findall(r"(?<!\\)\|", row)) in (4, 5), row)

# What cannot be written is said, and is no verdict.
run = plain(REPORT, "check", sound, "--junit", "none/v.xml", directory=place)
check("exit code without a place to write", run.code, 4)
run = plain(REPORT, "check", sound, "--junit", sound, directory=place)
check("exit code of writing over a trace", run.code, 4)
checked(place, aborted, "--check", "leaked.blocks == 0", "--junit", "w.xml",
        want=UNDECIDED)

# Annotations are no JSON.
run = plain(REPORT, "check", sound, "--json", "--github", directory=place)
check("exit code of both at once", run.code, WRONG)
# What cannot be read is no quality either; rules of the command line, and sites
# of other people's sources, have a place all the same.
checked(place, "none.smt", leaky, "--check", NO_LEAK, "--gitlab", "g.json",
        "--sarif", "g.sarif", want=BROKEN)
gitlab = json.loads((place / "g.json").read_text())
jsonschema.validate(gitlab, GITLAB)
check("entries", [one["location"]["path"] for one in gitlab],
      ["sagemem.toml", "sagemem.toml"])
jsonschema.validate(json.loads((place / "g.sarif").read_text()), SARIF)
