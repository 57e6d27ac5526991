# SPDX-License-Identifier: Apache-2.0
"""Every C and C++ file is as clang-format would write it.

usage: check_format.py SOURCE_ROOT CLANG_FORMAT
"""
import subprocess
import sys

from source_files import source_files


def main():
  files = source_files(sys.argv[1], ".h", ".c", ".cpp")
  sys.exit(subprocess.run([sys.argv[2], "--dry-run", "-Werror", *files],
                          check=False).returncode)


if __name__ == "__main__":
  main()
