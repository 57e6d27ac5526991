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
  ignored = shutil.ignore_patterns(".git", "build*", "__pycache__", "*.smt")
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
      self.demand(run("meson", "setup", "-Dbench=false", self.build,
                      self.source, log=self.log))
    self.demand(self.compile())

  def demand(self, code):
    if code != 0:
      sys.exit(f"the unchanged source does not build: see {self.log}")

  def compile(self):
    return run("ninja", "-C", self.build, log=self.log)

  def test(self, name):
    return run("meson", "test", "-C", self.build, "--no-rebuild", name,
               log=self.log)

  def verdict(self, mutant):
    path = self.source / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
      return "no longer applies"
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
      if self.compile() != 0:
        return "does not compile"
      return "caught" if self.test(mutant.test) != 0 else "SURVIVES"
    finally:
      path.write_text(text)


def main(root, work, names):
  workshop = Workshop(Path(root), Path(work).resolve())
  chosen = [m for m in MUTANTS if not names or m.name in names]
  bad = 0
  for mutant in chosen:
    verdict = workshop.verdict(mutant)
    bad += verdict != "caught"
    print(f"{verdict:18} {mutant.name:22} {mutant.defect}", flush=True)
  workshop.demand(workshop.compile())
  for test in sorted({mutant.test for mutant in chosen}):
    if workshop.test(test) != 0:
      bad += 1
      print(f"{'fails unchanged':18} {test}", flush=True)
  sys.exit(bad != 0)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
