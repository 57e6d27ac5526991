# SPDX-License-Identifier: Apache-2.0
"""A trace that comes through a pipe, raw or packed, or as the standard input,
gives the report of the file; what comes through a pipe and is no trace is
refused; and nothing stays behind in TMPDIR."""
import os
import subprocess

from harness import (HANG_SECONDS, REPORT, check, check_that, environment,
                     record, report, scratch, target)

REPORTS = [["summary"], ["peak", "--stacks", "2"], ["leaks", "--json"],
           ["dump"]]
place = scratch()
trace = record(target("ending"), "return").trace


def run(stdin, name, *arguments, temporary=place):
  result = subprocess.run([REPORT, *arguments, name], stdin=stdin,
                          capture_output=True, timeout=HANG_SECONDS, text=True,
                          env=environment({"TMPDIR": temporary}), check=False)
  check("left in TMPDIR", os.listdir(place), [])
  return result


def through_pipe(path, name, *arguments, **options):
  with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as cat:
    return run(cat.stdout, name, *arguments, **options)


def as_input(path, name, *arguments):
  with open(path, "rb") as file:
    return run(file, name, *arguments)


packed = scratch() / "packed.smt"
report("pack", trace, "-o", packed)
for path in (trace, packed):
  for arguments in REPORTS:
    want = report(*arguments, path).stdout
    for way in (through_pipe, as_input):
      for name in ("-", "/dev/stdin", "/dev/fd/0"):
        result = way(path, name, *arguments)
        what = f"{way.__name__} {path.name} as {name}: {arguments}"
        check(f"{what}: stderr", result.stderr, "")
        check(f"{what}: exit code", result.returncode, 0)
        check(what, result.stdout.replace(f'"{name}"', f'"{path}"'), want)

nothing = scratch() / "nothing"
for data in (b"", b"no trace at all\n", trace.read_bytes()[:3000]):
  nothing.write_bytes(data)
  result = through_pipe(nothing, "-")
  check(f"exit code for {len(data)} bytes", result.returncode, 3)
  check_that(result.stderr.startswith("sagemem-report: -: ")
             and result.stderr.count("\n") == 1, f"says {result.stderr!r}")

result = through_pipe(trace, "-", temporary=place / "nowhere")
check("exit code without a place for the spool", result.returncode, 3)
check_that("nowhere" in result.stderr, f"says {result.stderr!r}")
result = through_pipe(trace, "-", "pack")
check("exit code of pack for a pipe", result.returncode, 2)
