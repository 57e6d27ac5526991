# SPDX-License-Identifier: Apache-2.0
"""minisage on trees of its own: a scratch directory laid out as the
walk-through in examples/README.md has it, and the accounts that minisage
writes."""
import json
import os
import shutil

from harness import check, plain, scratch

MINISAGE = os.environ["TEST_MINISAGE"]
MAKE_TREES = os.environ["TEST_MAKE_TREES"]
PARAMETERS = os.environ["TEST_PARAMETERS"]
FORESTS = 40


def work_place():
  """A directory with trees and a parameter file."""
  directory = scratch()
  make_trees("--out", "trees", "--forests", FORESTS, "--files", 2,
             "--max-halos", 3000, directory=directory)
  shutil.copy(PARAMETERS, directory / "minisage.par")
  return directory


def make_trees(*options, want=0, **how):
  result = plain(MAKE_TREES, *options, **how)
  check(f"exit code of make_trees {options}, which says {result.stderr!r}",
        result.code, want)
  return result


def command(*options):
  return [MINISAGE, "minisage.par", "--account", "account.json", *options]


def account_in(directory):
  return json.loads((directory / "account.json").read_text())


def galaxies_in(directory):
  """The galaxy files by name."""
  files = sorted((directory / "galaxies").iterdir())
  return {path.name: path.read_bytes() for path in files}
