# SPDX-License-Identifier: Apache-2.0
"""The report in README.md is what sagemem-report prints of the run that
scripts/demo makes: the same lines, up to numbers, which differ from run to run,
and the curve over time.

usage: check_readme_picture.py SOURCE_ROOT MAKE_TREES MINISAGE PRELOAD REPORT
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from source_files import finish


def demo_words(root, program):
  """The words behind a program's name in scripts/demo, on one line."""
  script = (root / "scripts/demo").read_text().replace("\\\n", " ")
  (line,) = re.findall(rf"(?:^| )\.\./{program} (.*)$", script, re.MULTILINE)
  # The demo runs in build/demo.
  return line.replace("../..", str(root)).split()


def report(root, make_trees, minisage, preload, program):
  with tempfile.TemporaryDirectory() as place:
    run = {"cwd": place, "check": True, "stdout": subprocess.DEVNULL}
    plain = {key: value for key, value in os.environ.items()
             if key != "COLUMNS"}
    subprocess.run([make_trees, *demo_words(root, "examples/make_trees")],
                   **run)
    subprocess.run([minisage, *demo_words(root, "examples/minisage")],
                   env={**plain, "LD_PRELOAD": preload}, **run)
    (trace,) = Path(place).glob("*.smt")
    return subprocess.run([program, trace], env={**plain, "LC_ALL": "C"},
                          capture_output=True, text=True, check=True).stdout


def picture(root):
  readme = (root / "README.md").read_text()
  return re.search(r"^```\n(.*?)^```$", readme, re.M | re.S).group(1)


def shape(line):
  """Without what differs from run to run and from clone to clone."""
  if line.startswith(("Command", "Resident", "Heap over time")):
    return line.split()[0]
  line = re.sub(r"\b\d[\d,.]*( [KMG]iB| [num]?s)?\b", "#", line)
  return " ".join(line.split())


def shapes(text):
  """Without what is said of the resident set, which depends on when it was
  sampled: the end of the field Floor, on whatever lines."""
  text = re.sub(r"^(Floor .*?)\n(?=\S|$)", "Floor\n", text,
                flags=re.MULTILINE | re.DOTALL)
  return [shape(line) for line in text.splitlines()]


def main():
  root, *programs = [Path(word).resolve() for word in sys.argv[1:]]
  shown = shapes(picture(root))
  real = shapes(report(root, *programs))
  finish(list(difflib.unified_diff(shown, real[:len(shown)], "README.md",
                                   "sagemem-report", lineterm="")))


if __name__ == "__main__":
  main()
