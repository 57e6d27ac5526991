# SPDX-License-Identifier: Apache-2.0
"""Puts each defect of mutants.py into a copy of the source, builds it, and runs
the test that must fail.  Exit code 1 when one survives.

Takes some ten minutes, so it is no part of the ordinary tests.

usage: run_mutants.py SOURCE_ROOT WORK_DIRECTORY [MUTANT...]
"""
import shutil
import subprocess
import sys
from pathlib import Path

from mutants import MUTANTS


def run(*command, log, **options):
  with open(log, "ab") as file:
    return subprocess.run(command, stdout=file, stderr=file, check=False,
                          **options).returncode


def copy_source(root, work):
  """A fresh copy; the build directory beside it stays, for the sake of time."""
  source = work / "source"
  if source.exists():
    shutil.rmtree(source)
  ignored = shutil.ignore_patterns(".git", "build", "build-*", "__pycache__",
                                   "*.smt")
  shutil.copytree(root, source, ignore=ignored)
  return source


class Workshop:
  def __init__(self, root, work):
    work.mkdir(parents=True, exist_ok=True)
    self.source = copy_source(root, work)
    self.build = work / "build"
    self.log = work / "log"
    self.log.write_bytes(b"")
    if not (self.build / "build.ninja").exists():
      if run("meson", "setup", "-Dbench=false", self.build, self.source,
             log=self.log) != 0:
        sys.exit(f"the source can not be configured: see {self.log}")

  def test(self, name):
    """Builds what the test needs and runs it; 125: it could not be built."""
    return run("meson", "test", "-C", self.build, name, log=self.log)

  def verdict(self, mutant):
    path = self.source / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
      return "no longer applies"
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
      code = self.test(mutant.test)
    finally:
      path.write_text(text)
    if code == 125:
      return "does not compile"
    return "SURVIVES" if code == 0 else "caught"


def main(root, work, names):
  workshop = Workshop(Path(root), Path(work).resolve())
  chosen = [m for m in MUTANTS if not names or m.name in names]
  bad = 0
  for test in sorted({mutant.test for mutant in chosen}):
    if workshop.test(test) != 0:
      sys.exit(f"{test} fails without a mutant: see {workshop.log}")
  for mutant in chosen:
    verdict = workshop.verdict(mutant)
    bad += verdict != "caught"
    print(f"{verdict:18} {mutant.name:22} {mutant.defect}", flush=True)
  sys.exit(bad != 0)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
