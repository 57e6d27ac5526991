# SPDX-License-Identifier: Apache-2.0
"""A set-user-ID program that somebody else runs leaves no trace and is not
disturbed, also when the library stands where the loader accepts it for such
programs."""
import os
import shutil
import subprocess
import sys

from harness import PRELOAD, check, need, plain, scratch, skip, target

if os.geteuid() != 0:
  skip("needs root to make a set-user-ID program")
need("setpriv", "unshare", "mount")
if sys.argv[-1] != "inside":
  probe = subprocess.run(["unshare", "-m", "true"], capture_output=True,
                         check=False)
  if probe.returncode != 0:
    skip(f"no private mounts here: {probe.stderr.decode().strip()}")
  os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv, "inside"])

place = scratch()
os.chmod(place, 0o777)
program = place / "privileged"
shutil.copy(target("plain_c"), program)
os.chmod(program, 0o4755)
SOMEBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def run_as_somebody(preload):
  env = {"LD_PRELOAD": preload, "SAGEMEM_OUTPUT": place / "%e.%p.smt"}
  run = plain(*SOMEBODY, "env", *(f"{k}={v}" for k, v in env.items()), program)
  check("exit code", run.code, 0)
  check("traces", list(place.glob("*.smt")), [])
  return run


want = plain(program).stdout
check("stdout", run_as_somebody(PRELOAD).stdout, want)

# The loader takes a library by its bare name from the system's directories when
# it has the set-user-ID bit itself: put it there for this namespace alone.
system = "/usr/lib/x86_64-linux-gnu"
upper = scratch()
subprocess.run(["mount", "-t", "tmpfs", "none", upper], check=True)
for name in ("files", "work"):
  (upper / name).mkdir()
library = upper / "files" / "libsagemem.so"
shutil.copy(PRELOAD, library)
os.chmod(library, 0o4755)
layers = f"lowerdir={system},upperdir={upper}/files,workdir={upper}/work"
mounted = subprocess.run(["mount", "-t", "overlay", "-o", layers, "none",
                          system], capture_output=True, check=False)
if mounted.returncode != 0:
  print(f"no overlay mounts here: {mounted.stderr.decode().strip()}")
else:
  run = run_as_somebody("libsagemem.so")
  check("stdout", run.stdout, want)
  check("stderr", run.stderr, "")
