# SPDX-License-Identifier: Apache-2.0
"""Every text file of the project: ASCII, licence on the first line, at most 80
columns and 500 lines, no tabs or blanks at the end, no path of the machine that
it was written on.

usage: check_text.py SOURCE_ROOT
"""
import re
import sys
from pathlib import Path

from source_files import finish, source_files

MAX_COLUMNS = 80
MAX_LINES = 500
LICENCE = "SPDX-License-Identifier: Apache-2.0"

# Texts that are not ours to lay out: the licence itself, and files whose
# syntax has no comment or whose form is what a test compares.
NO_LICENCE = {"LICENSE"}
NO_LICENCE_SUFFIXES = {".json", ".smt", ".txt", ".svg", ".golden", ".expected"}
# Prose and data may be long; a reference page is read by searching in it.
LONG_SUFFIXES = {".md", ".1", ".5", ".7", ".txt", ".json", ".svg"}
WIDE_SUFFIXES = {".txt", ".json", ".svg", ".golden", ".expected"}
BINARY_SUFFIXES = {".smt", ".bin", ".png"}

# Markdown: links, rows of tables, and what programs print.
UNBROKEN = re.compile(r"https?:|^\||^    ")

# Home directories and the places where people keep their clones.
MACHINE_PATH = re.compile(r"(?<![\w.$}%*])/(?:root|home|work|farm|Users)/\w")


def is_binary(path):
  return path.suffix in BINARY_SUFFIXES or b"\0" in path.read_bytes()[:4096]


def is_data(path):
  return "golden" in path.parts or "corpus" in path.parts


def check_licence(path, lines):
  if path.name in NO_LICENCE or path.suffix in NO_LICENCE_SUFFIXES:
    return
  first = 1 if lines and lines[0].startswith("#!") else 0
  if len(lines) <= first or LICENCE not in lines[first]:
    yield f"line {first + 1} does not name the licence"


def check_lines(path, lines):
  for number, line in enumerate(lines, 1):
    if not line.isascii():
      yield f"line {number}: not ASCII"
    if line != line.rstrip():
      yield f"line {number}: blanks at the end"
    if "\t" in line:
      yield f"line {number}: a tab"
    if len(line) > MAX_COLUMNS and path.suffix not in WIDE_SUFFIXES:
      if not (path.suffix == ".md" and UNBROKEN.search(line)):
        yield f"line {number}: {len(line)} columns"
    if MACHINE_PATH.search(line):
      yield f"line {number}: a path of one machine"


def check_file(path):
  content = path.read_bytes()
  text = content.decode("utf-8", "replace")
  lines = text.split("\n")
  if is_data(path):
    return
  yield from check_licence(path, lines)
  if path.name == "LICENSE":
    return
  yield from check_lines(path, lines)
  if content and not text.endswith("\n"):
    yield "no newline at the end"
  if len(lines) > MAX_LINES + 1 and path.suffix not in LONG_SUFFIXES:
    yield f"{len(lines) - 1} lines"


def main():
  root = Path(sys.argv[1])
  finish([f"{path.relative_to(root)}: {problem}"
          for path in source_files(root) if not is_binary(path)
          for problem in check_file(path)])


if __name__ == "__main__":
  main()
