# SPDX-License-Identifier: Apache-2.0
"""What the program finds in its environment."""
from harness import PRELOAD, check, check_that, scratch
from runner import sagemem_run


def environment_of(*options, **variables):
  """PRELOAD and SAGEMEM_ variables that a program sees."""
  run = sagemem_run("--no-report", *options, "env", env=variables)
  pairs = (line.split("=", 1) for line in run.stdout.splitlines())
  return {key: value for key, value in pairs
          if key.startswith(("SAGEMEM_", "LD_"))}, run


plain_run, run = environment_of()
check("plain", plain_run, {
    "LD_PRELOAD": PRELOAD,
    "SAGEMEM_OUTPUT": f"{run.directory}/sagemem.%e.%p.smt"})

full, run = environment_of("--mmap", "--no-follow", "-q", "-o", "/none/x",
                           SAGEMEM_OFF=1, SAGEMEM_FOLLOW=1)
# Without children to follow, the recorder takes itself out of the list.
check_that(PRELOAD not in full.pop("LD_PRELOAD", ""), "LD_PRELOAD is passed on")
check("options", full, {
    "SAGEMEM_OUTPUT": "/none/x", "SAGEMEM_MMAP": "1", "SAGEMEM_FOLLOW": "0",
    "SAGEMEM_QUIET": "1"})
check_that("left no trace" in run.stderr, run.stderr)

kept, run = environment_of(LD_PRELOAD="/none.so", SAGEMEM_OUTPUT="%h.smt")
check("in front of others", kept["LD_PRELOAD"], f"{PRELOAD}:/none.so")
check("inherited pattern", kept["SAGEMEM_OUTPUT"], f"{run.directory}/%h.smt")

directory = scratch() / "5%"
directory.mkdir()
run = sagemem_run("--no-report", "env", directory=directory)
check_that(f"{directory}%/sagemem.%e.%p.smt" in run.stdout, run.stdout)
check("in the directory", len(run.traces), 1)
