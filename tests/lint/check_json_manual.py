# SPDX-License-Identifier: Apache-2.0
"""Every key of every JSON document stands in sagemem-report(1): asked of a real
trace, which this makes.

usage: check_json_manual.py SOURCE_ROOT SAGEMEM_RUN SAGEMEM_REPORT
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from source_files import finish

DOCUMENTS = ("summary", "peak", "leaks", "sites", "scopes", "categories",
             "threads", "modules", "sizes", "temporary", "blocks", "info",
             "dump", "lifetimes --by-site", "at peak", "between 1ms end",
             "tree", "growth", "reuse", "advise", "diff --noise 0")


def keys(value):
  if isinstance(value, dict):
    for key, inner in value.items():
      yield key
      yield from keys(inner)
  elif isinstance(value, list):
    for inner in value:
      yield from keys(inner)


def main():
  root, run, report = [Path(word).resolve() for word in sys.argv[1:]]
  page = (root / "man/sagemem-report.1").read_text()
  described = set(re.findall(r"\bVa (\w+)", page))
  problems = []
  with tempfile.TemporaryDirectory() as place:
    for command in (["ls", "/"], ["ls", "-l", "/"]):
      subprocess.run([run, "--quiet", "--no-report", "--mmap", *command],
                     cwd=place, stdout=subprocess.DEVNULL, check=True)
    traces = sorted(Path(place).glob("*.smt"))
    for document in DOCUMENTS:
      count = 2 if document.startswith("diff") else 1
      words = [report, *document.split(), "--json", "--stacks", "1",
               *traces[:count]]
      text = subprocess.run(words, capture_output=True, check=True).stdout
      there = set(keys(json.loads(text)))
      problems += [f"{document}: key {key} is not in sagemem-report(1)"
                   for key in sorted(there - described)]
  finish(problems)


if __name__ == "__main__":
  main()
