# SPDX-License-Identifier: Apache-2.0
"""A disk that fills up ends the recording, not the program: no SIGBUS, one line
on stderr, the trace up to then reads and says that it is not the whole run.

Runs itself in a mount namespace of its own, so that nothing stays mounted.
"""
import os
import subprocess
import sys

from harness import (check, check_consistent, check_that, need, report,
                     scratch, skip, summary, target, unharmed)


def enter_namespace():
  need("unshare", "mount")
  flags = ["-m"] if os.geteuid() == 0 else ["-Urm"]
  probe = subprocess.run(["unshare", *flags, "mount", "-t", "tmpfs", "none",
                          scratch()], capture_output=True, check=False)
  if probe.returncode != 0:
    skip(f"no private mounts here: {probe.stderr.decode().strip()}")
  os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv, "inside"])


def fill(size, command, **environment):
  disk = scratch()
  subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", disk],
                 check=True)
  env = {"SAGEMEM_OUTPUT": disk / "%e.%p.smt", "SAGEMEM_FOLLOW": "0",
         **environment}
  run = unharmed(*command, env=env, line="no space.*errno 28")
  traces = sorted(disk.iterdir())
  if size == "4k":  # not even the header of a trace fits
    for trace in traces:
      report("summary", trace, want=None)
  else:
    check("traces", len(traces), 1)
    result = summary(traces[0])
    check("exact", result["exact"], False)
    check_that(result["lost"]["events"] > 0, "nothing is said to be lost")
    check_that(result["totals"]["allocations"] > 0, "nothing was recorded")
    check_consistent(result)
  subprocess.run(["umount", disk], check=True)
  return run


if sys.argv[-1] != "inside":
  enter_namespace()
for disk_size in ("4k", "256k", "1m", "1100k", "3m"):
  fill(disk_size, [target("flood"), "1000000"])
fill("1m", [target("flood"), "300000", "5"])
fill("256k", [target("errno_kept")])
