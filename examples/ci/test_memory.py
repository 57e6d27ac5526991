# SPDX-License-Identifier: Apache-2.0
"""pytest: SAGE as a library that Python loads must not leak.

The library runs in an interpreter of its own, which is recorded; blocks of
Python itself are told apart by the library that allocated.

    SAGE_LIBRARY=./libsage.so SAGE_PARAMETERS=small.par pytest test_memory.py

A library that is not loaded under that name fails the test: its figures are
not known then.
"""
import os
import shutil
import subprocess
import sys

import pytest

LIBRARY = os.environ.get("SAGE_LIBRARY", "./libsage.so")
PARAMETERS = os.environ.get("SAGE_PARAMETERS", "small.par")
OF_LIBRARY = f'module("{os.path.basename(LIBRARY)}")'

# With a binding of its own: import sage; sage.run(sys.argv[2]); SAGE_LIBRARY is
# the file of the module then, sage.__file__.
SCRIPT = """
import ctypes, sys
sage = ctypes.CDLL(sys.argv[1])
sage.run_sage.argtypes = [ctypes.c_char_p]
sys.exit(sage.run_sage(sys.argv[2].encode()))
"""


@pytest.fixture
def check(tmp_path):
  """A function that runs the library and checks what its memory did."""
  run = shutil.which("sagemem-run")
  if run is None:
    pytest.skip("sagemem is not installed")

  def run_and_check(*rules):
    words = [run, "--quiet", "--no-report", "-o", tmp_path / "run.smt"]
    for rule in rules:
      words += ["--check", rule]
    # sys.executable may be a script of a virtual environment's.
    words += ["--", os.path.realpath(sys.executable), "-c", SCRIPT,
              os.path.abspath(LIBRARY), PARAMETERS]
    result = subprocess.run(words, capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
      pytest.fail(result.stderr, pytrace=False)

  return run_and_check


def test_nothing_of_the_library_is_leaked(check):
  check(OF_LIBRARY + ".leaked.blocks == 0")


def test_the_library_stays_small(check):
  check(OF_LIBRARY + ".peak <= 64 MiB")
