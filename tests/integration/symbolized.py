# SPDX-License-Identifier: Apache-2.0
"""A symbolized trace gives the same reports, byte for byte, when the binaries
and the sources are not there any more: raw or packed before, packed again, and
symbolized again.  Damage to the symbols costs the names, no number."""
import shutil
import subprocess

from harness import check, check_that, need, record, report, scratch

need("g++", "strip")
REPORTS = [[name, *options] for name in
           ("summary", "peak", "leaks", "sites", "scopes", "categories", "info",
            "dump")
           for options in (("--stacks", "3"), ("--json", "--stacks", "9"))]
SOURCE = """#include <cstdlib>
#include <string>
#include <vector>
static inline void fill(std::vector<std::string>& names) {
  for (int i = 0; i < 40; ++i) names.push_back(std::string(100 + i, 'x'));
}
struct Tree { virtual ~Tree() = default; void* kept = std::malloc(77); };
int main() {
  std::vector<std::string> names;
  fill(names);
  new Tree;
  return 0;
}
"""
place = scratch()
home = place / "home"
home.mkdir()
(home / "tree.cpp").write_text(SOURCE)
subprocess.run(["g++", "-g", "-O2", home / "tree.cpp", "-o", home / "tree"],
               check=True)
original = record(home / "tree", directory=home).trace.read_bytes()
trace = place / "trace.smt"  # what is compared has one name: reports show it


def without_file(name, text):
  """Of info: all but the lines about the file itself."""
  if name != "info":
    return text
  words = ("bytes", "ormat", "packed", "File", "Packed", "segments")
  return "\n".join(line for line in text.splitlines()
                   if not any(word in line for word in words))


def answers():
  results = [(arguments, report(*arguments, trace, want=None))
             for arguments in REPORTS]
  return [(run.code, without_file(arguments[0], run.stdout), run.stderr)
          for arguments, run in results]


def check_same(what):
  for arguments, old, new in zip(REPORTS, before, answers(), strict=True):
    check(f"{what}: {arguments}", new, old)


trace.write_bytes(original)
before = answers()
check_that("fill" in before[6][1], "no names at all")
check_that("names.push_back" in before[0][1] + before[6][1], "no source lines")
symbolized = place / "symbolized.smt"
said = report("symbolize", trace, "-o", symbolized).stdout
check_that("names of" in said, said)
check("the trace before", trace.read_bytes() == original, True)
report("pack", trace)
report("symbolize", trace)  # in place, of a packed one
check("raw or packed, the same", trace.read_bytes() == symbolized.read_bytes(),
      True)
shutil.move(home, place / "hidden")
check_same("without the binary")
report("pack", trace, "-o", place / "again.smt")
check("packed again", (place / "again.smt").read_bytes() ==
      symbolized.read_bytes(), True)
report("symbolize", trace)
check_same("symbolized again")
check_that(report("summary", "--json", trace).stdout, "nothing")

# --------------------------------------------------------------------- damage

whole = symbolized.read_bytes()
offset = -(-int.from_bytes(whole[656:664], "little") // 512) * 512
check("magic", whole[offset:offset + 4], b"SSym")
length = 24 + int.from_bytes(whole[offset + 8:offset + 16], "little")
check("the symbols are last", offset + length, len(whole))
trace.write_bytes(whole)
totals = report("summary", "--json", trace).stdout.split('"sites"')[0]
trace.write_bytes(original)
nameless = report("sites", "--json", trace).stdout
for what, data in {
    "cut in the symbols": whole[:offset + length // 2],
    "cut before them": whole[:offset],
    "another byte": whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:],
    "another magic": whole[:offset] + b"none" + whole[offset + 4:],
    "beyond the end": whole[:offset + 8] + b"\xff" * 8 + whole[offset + 16:],
    "no content": whole[:offset + 4] + bytes(4) + whole[offset + 8:],
    "too much content": whole[:offset + 4] + b"\xff" * 4 + whole[offset + 8:],
}.items():
  trace.write_bytes(data)
  got = report("summary", "--json", trace).stdout.split('"sites"')[0]
  check(f"{what}: totals", got, totals)
  check(f"{what}: no names", report("sites", "--json", trace).stdout, nameless)
