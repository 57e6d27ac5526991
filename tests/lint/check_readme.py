# SPDX-License-Identifier: Apache-2.0
"""README.md keeps its promises: the set-up is exactly the two commands, every
script, file and page that it names exists, and the report that it shows is in
the words of the program.

usage: check_readme.py SOURCE_ROOT
"""
import re
import sys
from pathlib import Path

from source_files import finish

SETUP = ["scripts/demo", "scripts/test"]


def section(text, title):
  match = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text,
                    re.MULTILINE | re.DOTALL)
  return match.group(1) if match else ""


def check_setup(text):
  shown = re.findall(r"^    (scripts/\S+)", section(text, "Set up"),
                     re.MULTILINE)
  if shown != SETUP:
    yield f"set-up commands are {shown} instead of {SETUP}"


def check_links(text, root):
  targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
  named = re.findall(r"`((?:scripts|examples|man|include)/[\w./-]+)`", text)
  for target in targets + named:
    if not (root / target).exists():
      yield f"{target} does not exist"


def main():
  root = Path(sys.argv[1])
  text = (root / "README.md").read_text()
  problems = [*check_setup(text), *check_links(text, root)]
  for script in SETUP:
    if not (root / script).stat().st_mode & 0o100:
      problems.append(f"{script} is not executable")
  finish(problems)


if __name__ == "__main__":
  main()
