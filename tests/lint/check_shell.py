# SPDX-License-Identifier: Apache-2.0
"""shellcheck on every shell script, found by its first line or its name.

usage: check_shell.py SOURCE_ROOT SHELLCHECK
"""
import re
import subprocess
import sys

from source_files import source_files

SHEBANG = re.compile(rb"#!.*\b(ba|da)?sh\b")


def is_script(path):
  if path.suffix == ".sh":
    return True
  with open(path, "rb") as file:
    return SHEBANG.match(file.readline()) is not None


def main():
  scripts = [path for path in source_files(sys.argv[1]) if is_script(path)]
  sys.exit(subprocess.run([sys.argv[2], "-x", *scripts],
                          check=False).returncode)


if __name__ == "__main__":
  main()
