# SPDX-License-Identifier: Apache-2.0
"""make_trees makes sound trees, the same for the same seed, and its --check
finds every kind of damage."""
import struct

from example import make_trees
from harness import check, check_that, scratch

place = scratch()
SIZE = ["--forests", 12, "--files", 3, "--max-halos", 500]


def made(name, *options):
  make_trees("--out", place / name, *SIZE, *options)
  make_trees("--check", place / name)
  return {path.name: path.read_bytes() for path in (place / name).iterdir()}


first = made("first")
check("files", sorted(first), ["trees_063.0", "trees_063.1", "trees_063.2",
                               "trees_063.a_list"])
check_that(first == made("again"), "the same seed makes other trees")
check_that(first != made("other", "--seed", 2), "another seed does not")
big = make_trees("--out", place / "big", *SIZE, "--big-forest", 5000).stdout
check_that(int(big.split(", ")[2].split()[0]) >= 5000, f"no big forest: {big}")

# Every link of a halo, bent in turn; the numbers are fields of the format.
path = place / "first" / "trees_063.1"
whole = path.read_bytes()
forests = struct.unpack_from("<i", whole)[0]
second_halo = 4 * (2 + forests) + 104
for offset, what in [(0, "Descendant"), (4, "FirstProgenitor"),
                     (8, "NextProgenitor"), (12, "FirstHaloInFOFgroup"),
                     (16, "NextHaloInFOFgroup"), (20, "Len"), (88, "SnapNum")]:
  for value in (-7, 3, 1 << 30):
    if what == "Len" and value > 20:
      continue
    bent = bytearray(whole)
    struct.pack_into("<i", bent, second_halo + offset, value)
    if bent == whole:
      continue
    path.write_bytes(bent)
    said = make_trees("--check", place / "first", want=1).stderr
    check_that(said.startswith("make_trees: "), f"{what} {value}: {said!r}")
for length in (0, 7, 20, second_halo, len(whole) - 1):
  path.write_bytes(whole[:length])
  make_trees("--check", place / "first", want=1)
path.write_bytes(whole + b"\0")
make_trees("--check", place / "first", want=1)
make_trees("--out", place / "first", "--check", place / "first", want=2)
make_trees("--forests", "none", "--out", place / "first", want=2)
make_trees(want=2)
