# SPDX-License-Identifier: Apache-2.0
"""The figures that rules can name and those of sagemem-rules(5) are the same,
with the same units; so are the names of what they are about.

usage: check_figures.py SOURCE_ROOT SAGEMEM_REPORT
"""
import re
import subprocess
import sys
from pathlib import Path

from source_files import finish

ITEM = re.compile(r"^\.It Ic (\S+)\n(.*?)(?=^\.It|^\.El)",
                  re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^(\S+) +(.+?) {2,}(\S.*)$")


def main():
  root, report = Path(sys.argv[1]), sys.argv[2]
  page = (root / "man/sagemem-rules.5").read_text()
  figures = page.split(".Ss Figures\n")[1].split(".Ss Baselines\n")[0]
  described = dict(ITEM.findall(figures))
  printed = subprocess.run([report, "check", "--list-figures"],
                           capture_output=True, text=True, check=True).stdout
  problems = []
  known = set()
  for line in printed.splitlines():
    name, unit, _ = LINE.match(line).groups()
    known.add(name)
    text = " ".join(described.get(name, "").split())
    if not text:
      problems.append(f"sagemem-rules.5: no figure {name}")
    elif f"; {unit.split(',')[0]}." not in text:
      problems.append(f"sagemem-rules.5: {name} is not said to be {unit}")
  for name in sorted(set(described) - known):
    problems.append(f"sagemem-rules.5: {name} is no figure")
  finish(problems)


if __name__ == "__main__":
  main()
