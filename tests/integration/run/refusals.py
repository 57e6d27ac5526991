# SPDX-License-Identifier: Apache-2.0
"""What cannot be profiled is said before it runs, and runs with --force."""
import shutil
import struct

from harness import check, check_that, scratch
from runner import CANNOT_PROFILE, NOT_FOUND, run_target, sagemem_run

E_MACHINE_OFFSET, EM_AARCH64 = 18, 183  # elf(5)

place = scratch()


def script(name, first_line):
  path = place / name
  path.write_text(f"{first_line}\necho ran\n")
  path.chmod(0o755)
  return f"./{name}"


def of_another_machine():
  path = place / "foreign"
  shutil.copy(run_target("dynamic"), path)
  with open(path, "r+b") as file:
    file.seek(E_MACHINE_OFFSET)
    file.write(struct.pack("<H", EM_AARCH64))
  return "./foreign"


def check_refused(program, code, message):
  run = sagemem_run(program, directory=place)
  check(f"exit code of {program}, {run.stderr!r}", run.code, code)
  check_that(f"{program}: " in run.stderr and message in run.stderr,
             f"{run.stderr!r} does not say {message!r}")
  check(f"stdout of {program}", run.stdout, "")


static = run_target("static")
refused = {
    static: "statically linked",
    run_target("static_pie"): "statically linked",
    run_target("own_malloc"): "defines malloc itself",
    run_target("musl"): "built for musl",
    of_another_machine(): "built for AArch64 (64 bits)",
    script("static.sh", f"#! {static}"): f"interpreter {static}: statically",
    script("chain.sh", "#! ./static.sh"): "./static.sh: its interpreter",
}
for program, message in refused.items():
  check_refused(program, CANNOT_PROFILE, message)
check_refused(script("orphan.sh", "#!/none/sh -e"), NOT_FOUND,
              "its interpreter /none/sh: not found")
check_refused(script("env.sh", "#!/usr/bin/env nosuchshell"), NOT_FOUND,
              "its interpreter nosuchshell: not found")
check_refused(run_target("no_loader"), NOT_FOUND, "dynamic loader /none/ld.so")

for program in (static, run_target("own_malloc")):
  run = sagemem_run("--force", program, directory=place)
  check(f"forced {program}", (run.code, run.stdout), (3, "ran\n"))
for accepted in (script("plain.sh", "#!/bin/sh"), script("bare.sh", "#"),
                 script("good.sh", "#!/usr/bin/env sh")):
  run = sagemem_run("--no-report", accepted, directory=place)
  check(f"{accepted}, {run.stderr!r}", (run.code, run.stdout), (0, "ran\n"))
