# SPDX-License-Identifier: Apache-2.0
"""What the tests of the packer have in common: finding it, waiting for it."""
import os
import signal
import struct
import time
from pathlib import Path

from harness import fail

PACKER = os.environ["TEST_PACKER"]
ON = {"SAGEMEM_PACK": "on", "SAGEMEM_PACKER": PACKER}
PACKED_FLAG = 8  # kFlagPacked

# The packer runs only when no other process wants to: on a machine that is busy
# for minutes it takes minutes.
PATIENCE_SECONDS = 800


def is_packed(trace):
  with open(trace, "rb") as file:
    header = file.read(32)
  return len(header) == 32 and bool(
      struct.unpack_from("<I", header, 28)[0] & PACKED_FLAG)


def wait_until(what, condition):
  end = time.monotonic() + PATIENCE_SECONDS
  while not condition():
    if time.monotonic() > end:
      fail(f"{what}: not within {PATIENCE_SECONDS} s")
    time.sleep(0.02)


def side_of(trace):
  return trace.with_name(trace.name + ".pack")


def wait_packed(trace):
  wait_until(f"{trace.name} is packed", lambda: is_packed(trace))


def packers_of(trace):
  """The pids of the packers of a trace; those that run no more do not count."""
  pids = []
  for entry in Path("/proc").glob("[0-9]*"):
    try:
      words = (entry / "cmdline").read_bytes().split(b"\0")
      if len(words) > 1 and words[1] == os.fsencode(trace):
        pids.append(int(entry.name))
    except OSError:
      continue  # it has ended
  return pids


def kill_packers(trace):
  for pid in packers_of(trace):
    try:
      os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
      pass
  wait_until("the packer is gone", lambda: not packers_of(trace))
