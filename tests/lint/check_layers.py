# SPDX-License-Identifier: Apache-2.0
"""Dependencies point one way: a file includes files of its own folder, of those
that stand below it under "Layers" in the README of its part, and of the
contract in include/sagemem.  What READMEs say is what is checked:

    intercept/   the exported functions
    session/     owns all state

usage: check_layers.py SOURCE_ROOT
"""
import re
import sys
from pathlib import Path

from source_files import finish, source_files

PARTS = ("preload", "analyzer")
CONTRACT = "sagemem"
INCLUDE = re.compile(r'^\s*#\s*include "([^"]+)"', re.MULTILINE)
LAYER = re.compile(r"^    ((?:\w+/(?:, )?)+) {2,}\S", re.MULTILINE)


def layers_of(readme):
  """Folder to its height; folders on one line are neighbours."""
  section = readme.read_text().split("## Layers\n")[1].split("\n## ")[0]
  return {folder: height
          for height, line in enumerate(reversed(LAYER.findall(section)))
          for folder in re.findall(r"\w+", line)}


def check_file(path, folder, layers):
  for name in INCLUDE.findall(path.read_text()):
    other = name.split("/")[0]
    if "/" not in name or other in (folder, CONTRACT):
      continue  # generated, of the same folder, or of the contract
    if other not in layers or layers[other] >= layers[folder]:
      yield f"includes {name}"


def check_part(root, part):
  layers = layers_of(root / part / "README.md")
  for path in source_files(root, ".h", ".cpp", ".c"):
    parts = path.relative_to(root).parts
    if parts[0] != part or len(parts) < 3:
      continue
    if parts[1] not in layers:
      yield f"{path.relative_to(root)}: its folder stands in no layer"
      continue
    for problem in check_file(path, parts[1], layers):
      yield f"{path.relative_to(root)}: {problem}"


def main():
  root = Path(sys.argv[1])
  finish([problem for part in PARTS for problem in check_part(root, part)])


if __name__ == "__main__":
  main()
