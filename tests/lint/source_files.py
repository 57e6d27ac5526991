# SPDX-License-Identifier: Apache-2.0
"""The files of the project, for the checks beside this file.

Inside a clone git knows them, new ones that are not ignored included; in an
unpacked archive everything counts but build directories.
"""
import subprocess
from pathlib import Path


def source_files(root, *suffixes):
  root = Path(root)
  try:
    listed = subprocess.run(
        ["git", "-C", root, "-c", f"safe.directory={root}", "ls-files", "-z",
         "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=True).stdout.decode()
    paths = [root / name for name in listed.split("\0") if name]
  except (OSError, subprocess.CalledProcessError):
    paths = [path for path in root.rglob("*")
             if not is_built(path.relative_to(root))]
  paths = sorted(set(path for path in paths if path.is_file()))
  if not suffixes:
    return paths
  return [path for path in paths if path.suffix in suffixes]


def is_built(path):
  return path.parts[0].startswith("build") or "__pycache__" in path.parts


def finish(problems):
  """Prints them and ends the test."""
  for problem in problems:
    print(problem)
  print(f"{len(problems)} problems")
  raise SystemExit(1 if problems else 0)
