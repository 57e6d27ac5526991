# SPDX-License-Identifier: Apache-2.0
"""What the tests of sagemem-report check share."""
from harness import check, check_that, plain, record, REPORT

from example import command, work_place

HOLDS, BROKEN, WRONG, UNDECIDED = 0, 1, 2, 3

NO_LEAK = "leaked.blocks == 0"
NO_ESCAPE = 'scope("forest").escaped.blocks == 0'


def minisage(place, *options):
  """The trace of a run with these options, which took the place's name."""
  before = set(place.glob("*.smt"))
  record(*command(*options), directory=place)
  (trace,) = set(place.glob("*.smt")) - before
  return trace


def checked(place, *words, want):
  """The verdict as a text, with the exit code that is wanted."""
  run = plain(REPORT, "check", *words, directory=place)
  check(f"exit code of check {words}\n{run.stdout}\n{run.stderr}", run.code,
        want)
  return run.stdout


def says(text, *parts):
  for part in parts:
    check_that(part in text, f"{part!r} is not in:\n{text}")


def rule(name, expression, more=""):
  return f"[[rule]]\nname = '{name}'\ncheck = '''{expression}'''\n{more}\n"


__all__ = ["BROKEN", "HOLDS", "NO_ESCAPE", "NO_LEAK", "UNDECIDED", "WRONG",
           "checked", "minisage", "rule", "says", "work_place"]
