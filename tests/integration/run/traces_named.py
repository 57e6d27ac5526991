# SPDX-License-Identifier: Apache-2.0
"""The traces of the program and of its children are named, those of others are
not, wherever they are."""
import re

from harness import check, check_that, scratch
from runner import RUN, sagemem_run


def named(run):
  return sorted(re.findall(r"^sagemem-run: trace of process \d+: (.*)$",
                           run.stderr, re.MULTILINE))


def check_named(what, run, folder, count):
  there = sorted(str(path) for path in folder.glob("**/*.smt"))
  check(f"{what}: number of traces, {run.stderr!r}", len(there), count)
  check(f"{what}: names", named(run), there)


# A shell, a program that it runs in a directory of its own, and one that it
# becomes: a second trace of the same pid.
SCRIPT = "cd / && ls >/dev/null; exec cat /dev/null"
run = sagemem_run("--no-report", "sh", "-c", SCRIPT)
check_named("default name", run, run.directory, 3)

place = scratch() / "100% [odd] *"
place.mkdir()
run = sagemem_run("--no-report", "-o", "%e-%n.smt", "sh", "-c", SCRIPT,
                  directory=place)
check_named("odd directory", run, place, 3)
again = sagemem_run("--no-report", "-o", "%e-%n.smt", "true", directory=place)
check("second run", len(named(again)), 1)

run = sagemem_run("--no-report", "--no-follow", "sh", "-c", SCRIPT)
check_named("--no-follow", run, run.directory, 1)

run = sagemem_run("--no-report", "--quiet", "true")
check("--quiet", (run.stderr, len(run.traces)), ("", 1))

# Another run at the same time in the same place is not ours.
run = sagemem_run("--no-report", "sh", "-c",
                  f"env -u LD_PRELOAD setsid {RUN} --quiet true; exit 0",
                  env={"SAGEMEM_OUTPUT": "x.%p.smt"})
check_that(len(named(run)) >= 1, run.stderr)
