# SPDX-License-Identifier: Apache-2.0
"""Programs that the kernel runs with other rights than ours are refused: the
dynamic loader ignores LD_PRELOAD there."""
import os
import shutil
import subprocess

from harness import check, check_that, plain, scratch, skip
from runner import CANNOT_PROFILE, RUN, run_target

NOBODY = 65534

if os.getuid() != 0:
  skip("only root can make such programs")

place = scratch()
place.chmod(0o777)


def program(name):
  return shutil.copy(run_target("dynamic"), place / name)


def run_as(user, path):
  # A clone may be where only root can go: open files are passed in its stead.
  return plain(RUN, "--no-report", path, directory=place, user=user)


def check_refused(user, path, message):
  run = run_as(user, path)
  check(f"exit code of {path}, {run.stderr!r}", run.code, CANNOT_PROFILE)
  check_that(message in run.stderr, f"{run.stderr!r} lacks {message!r}")


set_user = program("set_user")
os.chown(set_user, NOBODY, 0)
os.chmod(set_user, 0o4755)
check_refused(0, set_user, "set-user-id of another user")

set_group = program("set_group")
os.chown(set_group, 0, NOBODY)
os.chmod(set_group, 0o2755)
check_refused(0, set_group, "set-group-id of another group")

# To its own user a set-user-id program is an ordinary one.
own = program("own")
os.chmod(own, 0o4755)
run = run_as(0, own)
check(f"own set-user-id program, {run.stderr!r}", run.code, 3)

capable = program("capable")
if shutil.which("setcap") is None:
  skip("setcap is not installed")
subprocess.run(["setcap", "cap_net_raw+ep", capable], check=True)
reachable = plain("test", "-x", RUN, user=NOBODY).code == 0
if reachable:
  check_refused(NOBODY, capable, "has file capabilities")
run = run_as(0, capable)
check(f"capabilities mean nothing to root, {run.stderr!r}", run.code, 3)
