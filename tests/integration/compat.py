# SPDX-License-Identifier: Apache-2.0
"""An unmodified program gives the same stdout, stderr, exit code and files with
and without the recorder, and its traces read.

It runs three times in the same directory, made anew each time: plain, plain,
recorded.  What differs between the two plain runs (a process id, a duration) is
masked, token by token; nothing else is.

usage: compat.py PROGRAM
"""
import re
import shutil
import sys

import compat_programs
from harness import (check, check_consistent, check_that, plain, record,
                     scratch, summary)

TOKEN = re.compile(r"0x[0-9a-f]+|\d+(?:\.\d+)?|\s+|[^\s\d]+")
# With the blanks before it: columns are aligned.
NUMBER = re.compile(r"\s*\d+(?:\.\d+)?")


def tokens(text):
  return TOKEN.findall(text)


def masked(text, first, second):
  """`text` without the tokens that differ between `first` and `second`."""
  if first == second:
    return text
  one, two, own = tokens(first), tokens(second), tokens(text)
  if len(one) != len(two) or len(own) != len(one):
    return NUMBER.sub("#", text)
  return "".join("#" if a != b else t for a, b, t in zip(one, two, own))


def run_once(case, inputs, place, runner, **env):
  work = place / "work"
  shutil.rmtree(work, ignore_errors=True)
  work.mkdir()
  command = case.prepare(inputs, work)
  run = runner(*command, directory=work, env={**case.environment, **env},
               seconds=600)
  run.files = {name: (work / name).read_bytes() for name in case.artifacts}
  return run


def compare(case, before, again, after):
  if case.numbers_vary:
    for run in (before, again, after):
      run.stdout = NUMBER.sub("#", run.stdout)
      run.stderr = NUMBER.sub("#", run.stderr)
  check("exit code", after.code, before.code)
  for stream in ("stdout", "stderr"):
    one, two, own = (getattr(r, stream) for r in (before, again, after))
    check(stream, masked(own, one, two), masked(one, one, two))
  for name in case.artifacts:
    check_that(after.files[name] == before.files[name], f"{name} differs")


def check_traces(case, traces):
  found = sorted(traces.iterdir())
  check_that(len(found) >= case.processes,
             f"{len(found)} traces, at least {case.processes} expected")
  for trace in found:
    check_consistent(summary(trace))


def main(name):
  case = compat_programs.CASES[name]
  case.require()
  place = scratch()
  inputs = place / "inputs"
  traces = place / "traces"
  inputs.mkdir()
  traces.mkdir()
  case.make_inputs(inputs)
  before = run_once(case, inputs, place, plain)
  check_that(before.code == case.code, f"plain: {before.code} {before.stderr}")
  again = run_once(case, inputs, place, plain)
  after = run_once(case, inputs, place, record,
                   SAGEMEM_OUTPUT=traces / "%e.%p.%n.smt")
  compare(case, before, again, after)
  check_traces(case, traces)


main(sys.argv[1])
