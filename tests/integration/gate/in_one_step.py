# SPDX-License-Identifier: Apache-2.0
"""sagemem-run --check: the program's exit code first, then that of the rules;
rules that are wrong before anything is run."""
import os
import signal

from gate import (BROKEN, HOLDS, NO_LEAK, UNDECIDED, rule, says,
                  work_place)
from example import command
from harness import check, check_that, plain

RUN = os.environ["TEST_RUN"]
FAILED = 125

place = work_place()
(place / "rules.toml").write_text(rule("leaks", NO_LEAK))


def run(*words, want, checks=("rules.toml",)):
  for old in place.glob("*.smt"):
    old.unlink()
  options = [part for one in checks for part in ("--check", one)]
  result = plain(RUN, "--no-report", *options, "--", *words, directory=place)
  check(f"exit code of {words}, which says {result.stderr!r}", result.code,
        want)
  return result


sound = run(*command(), want=HOLDS)
says(sound.stderr, "the rule holds")
check_that("Verdict" not in sound.stdout, "a verdict on standard output")
says(run(*command("--leak", "3"), want=BROKEN).stderr, "BROKEN     leaks",
     "sage_per_forest.c:42")
# A rule, beside a file.
run(*command("--leak", "3"), want=BROKEN, checks=(NO_LEAK, "rules.toml"))
run(*command(), want=BROKEN, checks=("peak.bytes < 1 B", "rules.toml"))
# The program's own end comes first, and the verdict is there all the same.
says(run("sh", "-c", "exit 7", want=7, checks=("1 == 2",)).stderr, "BROKEN")
killed = run("sh", "-c", "kill -KILL $$", want=-signal.SIGKILL,
             checks=("peak.bytes < 1 TiB",))
says(killed.stderr, "UNDECIDED", "killed by signal 9")
# No trace, no pass.
run("sh", "-c", "exit 0", want=HOLDS, checks=("peak.bytes < 1 TiB",))
result = plain(RUN, "--no-report", "--force", "--check", "1 == 1", "--",
               "env", "-i", "LD_PRELOAD=", "true", directory=place)
check_that(result.code in (HOLDS, UNDECIDED), f"{result.code}")
# Hours must not go by before a slip of the pen is found.
for wrong in ("peek.bytes == 0", "none.toml"):
  result = run("sh", "-c", "touch was-run", want=FAILED, checks=(wrong,))
  says(result.stderr, "the program was not run")
  check_that(not (place / "was-run").exists(), f"{wrong}: it was run")
# All traces, where all are reported on.
fork = ("sh", "-c", "true; sh -c 'true'; exit 0")
check("traces", run(*fork, want=HOLDS, checks=("exit.code == 0",)).stderr.count(
    "Command"), 1)
both = plain(RUN, "--report-all", "--check", "exit.code == 0", "--", *fork,
             directory=place)
check_that(both.stderr.count("exit.code is 0") >= 1, both.stderr)
