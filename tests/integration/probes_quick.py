# SPDX-License-Identifier: Apache-2.0
"""The quick way of probes changes few registers, which is all that the stubs
save for it: so it calls nothing, not even what the compiler might make up."""
import re

from harness import PRELOAD, check, check_that, need, plain

need("objdump")
NAMES = ("sagemem_quick_begin", "sagemem_quick_end", "sagemem_quick_label")


def instructions(name):
  code = plain("objdump", "-d", "--no-show-raw-insn",
               f"--disassemble={name}", PRELOAD).stdout
  return re.findall(r"^ +[0-9a-f]+:\t(.*)$", code, re.MULTILINE)


for name in NAMES:
  code = instructions(name)
  if not code and name == NAMES[0]:
    break  # stripped, or another architecture
  check_that(len(code) > 20, f"{name} is not there")
  check(f"calls in {name}", [line for line in code if "call" in line], [])
  pushed = {line.split("%")[1] for line in code if line.startswith("push")}
  for number in range(8, 12):
    used = [line for line in code if f"%r{number}" in line]
    check_that(not used or f"r{number}" in pushed,
               f"{name} changes r{number}: {used}")
  check(f"vectors in {name}", [line for line in code if "mm" in line], [])
