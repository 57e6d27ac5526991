# SPDX-License-Identifier: Apache-2.0
"""Where no trace can be made the program runs as always and one line says why:
a read-only directory, one that does not exist, a name that is a directory."""
import os

from harness import check, need, scratch, target, unharmed

command = [target("flood"), "20000"]
for output in ("/nonexistent/%p.smt", "/proc/%p.smt", "/dev/full/x.smt"):
  run = unharmed(*command, line="sagemem: .*(/nonexistent|/proc|/dev/full)",
                 env={"SAGEMEM_OUTPUT": output})
  check("traces", run.traces, [])

# A directory without the right to write, for a user whom that stops.
locked = scratch()
os.chmod(locked, 0o555)
user = []
if os.geteuid() == 0:
  need("setpriv")
  user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
run = unharmed(*user, "env", "SAGEMEM_OFF=0", *command, line="errno 13",
               env={"SAGEMEM_OUTPUT": locked / "%e.smt", "SAGEMEM_OFF": "1"})
check("traces", list(locked.iterdir()), [])
