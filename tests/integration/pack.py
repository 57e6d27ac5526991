# SPDX-License-Identifier: Apache-2.0
"""A packed trace gives the reports of the one that it was made of, byte for
byte, and with the same exit codes: of a whole run, of threads, of a killed
program, of a trace that was cut or damaged."""
import shutil

from harness import check, check_that, record, report, scratch, target

REPORTS = [[name, *options] for name in
           ("summary", "peak", "leaks", "sites", "dump")
           for options in ((), ("--json",))]
place = scratch()
trace = place / "trace.smt"  # what is compared has one name: reports show it


def answers():
  results = [report(*arguments, trace, want=None) for arguments in REPORTS]
  return [(run.code, run.stdout, run.stderr) for run in results]


def in_place():
  run = report("pack", trace)
  check_that("packed" in run.stdout, f"pack says {run.stdout!r}")


def check_packed(what, data):
  trace.write_bytes(data)
  before = answers()
  other = place / "other.smt"
  report("pack", trace, "-o", other)
  check(f"{what}: the trace after packing to another file",
        trace.read_bytes() == data, True)
  in_place()
  packed = trace.read_bytes()
  check(f"{what}: both ways to pack", packed == other.read_bytes(), True)
  check_that(len(packed) < len(data), f"{what}: {len(packed)} bytes")
  for arguments, old, new in zip(REPORTS, before, answers()):
    check(f"{what}: {arguments}", new, old)
  check_that(", " in report("info", trace).stdout, "no info")
  in_place()
  report("pack", trace, "-o", other)
  for file in (trace, other):
    check(f"{what}: packed twice", file.read_bytes() == packed, True)
  check(f"{what}: files left", sorted(file.name for file in place.iterdir()),
        ["other.smt", "trace.smt"])


run = record(target("ending"), "return")
check_packed("a short run", run.trace.read_bytes())
whole = record(target("flood"), "30000", "4").trace.read_bytes()
check_packed("four threads", whole)
check_packed("a killed program",
             record(target("ending"), "kill").trace.read_bytes())
check_packed("a trace that was cut", whole[:3 * 65536 + 1000])
torn = bytearray(whole)
torn[2 * 65536:2 * 65536 + 100] = bytes(range(100))
torn[4 * 65536 + 200:4 * 65536 + 210] = bytes(10)
check_packed("a damaged trace", bytes(torn))

# --------------------------------------------------------- what is not packed

shutil.copy(run.trace, trace)
trace.chmod(0o640)
report("pack", trace)
check("mode", trace.stat().st_mode & 0o777, 0o640)
trace.write_bytes(b"no trace at all\n")
check_that("offset 0" in report("pack", trace, want=3).stderr, "no place")
check("what is no trace", trace.read_bytes(), b"no trace at all\n")
nowhere = place / "none" / "out.smt"
report("pack", run.trace, "-o", nowhere, want=4)
report("pack", run.trace, run.trace, "-o", trace, want=2)
report("pack", want=2)
