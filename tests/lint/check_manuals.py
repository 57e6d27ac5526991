# SPDX-License-Identifier: Apache-2.0
"""The man pages and the programs agree: every option in --help stands in the
page and the other way round; every SAGEMEM_ variable that the recorder reads
stands in sagemem(7) and the other way round.

usage: check_manuals.py SOURCE_ROOT SAGEMEM_RUN SAGEMEM_REPORT
"""
import re
import subprocess
import sys
from pathlib import Path

from source_files import finish, source_files

SUBCOMMAND = re.compile(r"^  ([a-z]+) {2,}\S", re.MULTILINE)
HELP_OPTION = re.compile(r"^\s+(-[\w,-]+)", re.MULTILINE)
PAGE_OPTION = re.compile(r"\bFl (-?[\w-]+)")
VARIABLE = re.compile(r'"(SAGEMEM_[A-Z_]+)\b')


def help_text(*command):
  return subprocess.run([*command, "--help"], capture_output=True, text=True,
                        check=True).stdout


def help_options(text):
  """The options that stand at the start of a line: "-o,--output"."""
  return {option for options in HELP_OPTION.findall(text)
          for option in options.split(",") if option.strip("-")}


def page_options(page):
  """mdoc writes -o as Fl o, --output as Fl -output."""
  return {f"-{name}" for name in PAGE_OPTION.findall(page) if name != "-"}


def check_program(root, program):
  name = Path(program).name
  page = (root / f"man/{name}.1").read_text()
  text = help_text(program)
  options = help_options(text)
  subcommands = []
  if "Subcommands:" in text:
    subcommands = SUBCOMMAND.findall(text.split("Subcommands:")[1])
  for subcommand in subcommands:
    options |= help_options(help_text(program, subcommand))
    if f".Cm {subcommand}" not in page and f" Cm {subcommand}" not in page:
      yield f"{name}.1: no subcommand {subcommand}"
  for option in sorted(options - page_options(page)):
    yield f"{name}.1: no option {option}"
  for option in sorted(page_options(page) - options):
    yield f"{name}.1: {option} is no option of {name}"


def check_variables(root):
  page = (root / "man/sagemem.7").read_text()
  described = set(re.findall(r"^\.It Ev (SAGEMEM_[A-Z_]+)", page, re.MULTILINE))
  used = {name for path in source_files(root / "preload", ".cpp", ".h")
          for name in VARIABLE.findall(path.read_text())}
  for name in sorted(used - described):
    yield f"sagemem.7: no variable {name}"
  for name in sorted(described - used):
    yield f"sagemem.7: {name} is read by nobody"


def main():
  root = Path(sys.argv[1])
  problems = list(check_variables(root))
  for program in sys.argv[2:]:
    problems += check_program(root, program)
  finish(problems)


if __name__ == "__main__":
  main()
