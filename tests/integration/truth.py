# SPDX-License-Identifier: Apache-2.0
"""What a target with a shadow stack wrote down about its allocations (see
../targets/truth.h), and the comparison with what was recorded of them."""
import collections
import struct

from harness import check, check_that, events, fail

MAX_LIBC_FRAMES = 3
GAP = 0  # in the place of a return address: some frames that nobody noted
MAX_GAP = 24


def truths(path):
  """{(size, address): (root, return addresses, innermost first)}"""
  words = struct.unpack(f"{path.stat().st_size // 8}Q", path.read_bytes())
  result = {}
  at = 0
  while at < len(words):
    size, address, root, count = words[at:at + 4]
    result[size, address] = root, list(words[at + 4:at + 4 + count])
    at += 4 + count
  return result


def compare(trace, path, guesses=0):
  """Every allocation that the target told of has the stack that it told, but
  for as many as are known as guesses.  Behind it come libc's frames, the same
  for each kind of root.  Returns how many there were."""
  told = truths(path)
  ends = collections.defaultdict(set)
  seen = 0
  for event in events(trace):
    key = event.get("size"), event.get("address")
    if event["kind"] != "alloc" or key not in told:
      continue
    root, frames = told.pop(key)
    got = event["stack"][1:]
    end = rest(got, frames)
    if end is None:
      guesses -= 1
      if guesses >= 0:
        continue
      fail(f"{path.name}, size {key[0]}:\n  got  {hexes(got)}\n"
           f"  want {hexes(frames)}")
    ends[root].add(tuple(end))
    seen += 1
  check("allocations that were not recorded", sorted(told), [])
  for root, found in ends.items():
    check_that(len(found) == 1 and len(min(found)) <= MAX_LIBC_FRAMES,
               f"root {root}: {[hexes(end) for end in found]}")
  return seen


def rest(got, frames):
  """What follows in `got` behind `frames`; None: they are not there."""
  if GAP not in frames:
    return got[len(frames):] if got[:len(frames)] == frames else None
  at = frames.index(GAP)
  inner, outer = frames[:at], frames[at + 1:]
  if got[:at] != inner:
    return None
  for skipped in range(MAX_GAP):
    end = rest(got[at + skipped:], outer)
    if end is not None:
      return end
  return None


def hexes(addresses):
  return " ".join(f"{address:x}" for address in addresses)


def compare_all(run):
  """The same for the process and its children; the number of allocations."""
  seen = 0
  for trace in run.traces:
    pid = trace.name.split(".")[-2]
    path = run.directory / f"truth.{pid}"
    check_that(path.exists(), f"{trace.name}: no {path.name}")
    seen += compare(trace, path)
  return seen
