# SPDX-License-Identifier: Apache-2.0
"""sagemem-trace(5) names every constant, enumerator and field of the headers in
include/sagemem/trace, with the number that it has there.

usage: check_trace_manual.py SOURCE_ROOT FIELDS
FIELDS is a program that prints "struct field offset bytes" lines.
"""
import re
import subprocess
import sys
from pathlib import Path

from source_files import finish

HEADERS = ("format.h", "events.h", "scan.h", "scope_facts.h", "symbols.h",
           "wire.h")
STRUCT_SECTIONS = {"FileHeader": "File header", "SegmentHeader": "Segment",
                   "PackHeader": "Pack",
                   "SymbolsHeader": "Symbols header"}


def without_comments(text):
  return re.sub(r"//[^\n]*", "", text)


def evaluate(expression):
  """A C++ integer constant that is also a Python one, but for the suffix of
  shifts and the quotes in long numbers."""
  names = {"__builtins__": {}, "INT64_MIN": -2**63}
  return eval(re.sub(r"(?<=\d)u\b|'", "", expression), names)


def constants(text):
  """(name, value as written in the page)."""
  pattern = r"constexpr\s+(?:static\s+)?[\w:]+\s+(k\w+)\s*=\s*([^;]+);"
  for name, expression in re.findall(pattern, text):
    yield name, evaluate(expression.strip())
  pattern = r"constexpr char (k\w+)\[\]\s*=\s*\"([^\"]*)\""
  yield from re.findall(pattern, text)
  pattern = r"constexpr char (k\w+)\[\d+\]\s*=\s*\{([^}]*)\}"
  for name, characters in re.findall(pattern, text):
    yield name, "".join(re.findall(r"'([^']+)'", characters))


def enumerators(text):
  """(enum, name, value)."""
  for enum, body in re.findall(r"enum class (\w+)[^{]*\{([^}]*)\}", text):
    for name, value in re.findall(r"(\w+)\s*=\s*(\w+)", body):
      yield enum, name, int(value, 0)


def sections(page):
  """Title of each .Sh or .Ss to its rows, [value, name, ...]."""
  result, title = {}, ""
  for line in page.splitlines():
    if line.startswith((".Sh ", ".Ss ")):
      title = line[4:]
    elif line.startswith(".It ") and " Ta" in line:
      cells = re.split(r" Ta ?", line[4:])
      result.setdefault(title, []).append([cell.strip() for cell in cells])
  return result


def number(cell):
  try:
    return int(cell, 0)
  except ValueError:
    return cell.removeprefix("Qq ").strip('"')


def check_enumerators(text, table):
  for enum, name, value in enumerators(text):
    rows = [[number(row[0]), row[1]] for row in table.get(enum, [])]
    if [value, name] not in rows:
      yield f"section {enum} has no row {value} {name}"
  for enum in {enum for enum, _, _ in enumerators(text)}:
    names = {name for other, name, _ in enumerators(text) if other == enum}
    for row in table.get(enum, [])[1:]:
      if row[1] not in names and not row[1].startswith("k"):
        yield f"section {enum}: {row[1]} is not in the headers"


def check_constants(text, table):
  rows = [row for rows in table.values() for row in rows if len(row) > 1]
  for name, value in constants(text):
    values = [number(row[0]) for row in rows if row[1] == name]
    written = value
    if isinstance(value, str):
      written = value.replace("\\n", "\\en").replace(" ", "\\ ")
    if written not in values:
      yield f"no row {value} {name}"


def check_fields(program, table):
  listed = subprocess.run([program], capture_output=True, text=True,
                          check=True).stdout.split("\n")
  wanted = {}
  for struct, field, *numbers in map(str.split, filter(None, listed)):
    wanted.setdefault(struct, []).append([*numbers, field])
  for struct, fields in wanted.items():
    section = STRUCT_SECTIONS[struct]
    rows = [row[:3] for row in table.get(section, [])[1:]]
    if rows != fields:
      yield f"section {section}: {rows}\nis not {struct}: {fields}"


def main():
  root = Path(sys.argv[1])
  page = (root / "man/sagemem-trace.5").read_text()
  headers = [root / "include/sagemem/trace" / name for name in HEADERS]
  text = without_comments("\n".join(path.read_text() for path in headers))
  table = sections(page)
  finish([*check_enumerators(text, table), *check_constants(text, table),
          *check_fields(sys.argv[2], table)])


if __name__ == "__main__":
  main()
