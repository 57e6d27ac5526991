# SPDX-License-Identifier: Apache-2.0
"""Dependencies point one way: no file includes one of a folder that its own
folder must not know.  Which may know which stands below, and in words in
preload/README.md and analyzer/README.md.

usage: check_layers.py SOURCE_ROOT
"""
import re
import sys
from pathlib import Path

from source_files import finish, source_files

# Folder to the folders that it may include beside itself and the contract in
# include/sagemem.
LAYERS = {
    "preload": {
        "platform": set(),
        "transport": {"platform"},
        "encode": {"transport", "platform"},
        "capture": {"platform"},
        "session": {"capture", "encode", "transport", "platform"},
        "intercept": {"session", "capture", "encode", "platform"},
    },
    "analyzer": {
        "decode": set(),
        "model": {"decode"},
        "symbolize": {"model"},
        "analysis": {"symbolize", "model"},
        "report": {"analysis", "symbolize", "model", "decode"},
        "cli": {"report", "analysis", "symbolize", "model", "decode"},
        "run": {"report", "analysis", "symbolize", "model", "decode"},
    },
}
INCLUDE = re.compile(r'^\s*#\s*include "([^"]+)"', re.MULTILINE)


def check_file(path, part, folder):
  layers = LAYERS[part]
  if folder not in layers:
    yield f"folder {part}/{folder} has no place in the layers"
    return
  allowed = layers[folder] | {folder, "sagemem"}
  for name in INCLUDE.findall(path.read_text()):
    if "/" not in name:
      continue  # generated, or of the same folder
    if name.split("/")[0] not in allowed:
      yield f"includes {name}"


def main():
  root = Path(sys.argv[1])
  problems = []
  for path in source_files(root, ".h", ".cpp", ".c"):
    parts = path.relative_to(root).parts
    if parts[0] in LAYERS and len(parts) > 2:
      problems += [f"{path.relative_to(root)}: {problem}"
                   for problem in check_file(path, *parts[:2])]
  finish(problems)


if __name__ == "__main__":
  main()
