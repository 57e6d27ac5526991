# SPDX-License-Identifier: Apache-2.0
"""A real trace, cut off and damaged in many ways: sagemem-report ends with 0
and a report, or with 3 and a message that names the file.

usage: damaged_traces.py CASES
"""
import random
import sys

from harness import check_that, record, report, scratch, target

HEADER = 4096
UNIT = 65536

random.seed(5)
run = record(target("ending"), "return")
small = run.trace.read_bytes()
whole = record(target("flood"), "20000").trace.read_bytes()
damaged = scratch() / "damaged.smt"


def try_out(data, what):
  damaged.write_bytes(data)
  command = random.choice(["summary", "leaks", "dump", "info", "sites", "peak"])
  result = report(command, damaged, want=None)
  if result.code == 3:
    check_that(result.stderr.startswith("sagemem-report: ")
               and "damaged.smt" in result.stderr
               and result.stderr.count("\n") == 1,
               f"{what}: message {result.stderr!r}")
  else:
    check_that(result.code == 0, f"{what}: {command} ends with {result.code} "
               f"{result.stderr[-500:]}")


def cut(data):
  # Half of the cuts where there is something: headers and the first records.
  if random.random() < 0.5:
    edge = random.choice([0, HEADER, HEADER + 72, UNIT, UNIT + 72])
    return data[:max(0, edge + random.randint(-40, 400))]
  return data[:random.randrange(len(data))]


def overwrite(data):
  changed = bytearray(data)
  for _ in range(random.choice([1, 1, 2, 10, 200])):
    area = random.choice([700, HEADER + 100, UNIT + 300, len(data)])
    at = random.randrange(min(area, len(data)))
    changed[at] = random.choice([0, 1, 0x7f, 0x80, 0xff, random.randrange(256)])
  return bytes(changed)


def shift(data):
  at = random.randrange(len(data))
  if random.random() < 0.5:
    return data[:at] + data[at + random.randint(1, 100):]
  return data[:at] + random.randbytes(random.randint(1, 100)) + data[at:]


for size in (0, 1, 7, 8, 16, 655, 4095, 4096, 4097, 4168):
  try_out(small[:size], f"cut at {size}")
for case in range(int(sys.argv[1])):
  mutate = random.choice([cut, overwrite, overwrite, shift])
  source = random.choice([small, small, whole])
  try_out(mutate(source), f"case {case}, {mutate.__name__}")
