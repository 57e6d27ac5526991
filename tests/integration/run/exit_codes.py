# SPDX-License-Identifier: Apache-2.0
"""The exit code is the program's, or says why there is none."""
import shutil

from harness import PRELOAD, check, check_that, scratch
from runner import FAILED, NOT_EXECUTABLE, NOT_FOUND, sagemem_run

for code in (0, 1, 124, 127, 255):
  run = sagemem_run("--no-report", "sh", "-c", f"exit {code}")
  check(f"exit code of exit {code}", run.code, code)

place = scratch()
(place / "data").write_text("no program\n")
(place / "folder").mkdir()
(place / "a b").mkdir()
shutil.copy(PRELOAD, place / "a b/libsagemem.so")
failures = {
    ("nosuchprogram",): (NOT_FOUND, "nosuchprogram: not found"),
    ("./nosuchprogram",): (NOT_FOUND, "./nosuchprogram: not found"),
    ("--", "-x"): (NOT_FOUND, "-x: not found"),
    ("./data",): (NOT_EXECUTABLE, "./data: cannot be executed: Permission"),
    ("./folder",): (NOT_EXECUTABLE, "./folder: cannot be executed"),
    ("--library", "./data", "true"): (FAILED, "not a shared library"),
    ("--library", "./none.so", "true"): (FAILED, "./none.so: not found"),
    ("--library", "a b/libsagemem.so", "true"): (FAILED, "with a space or"),
    ("--nosuchoption", "true"): (FAILED, "--nosuchoption"),
    ("--output",): (FAILED, "--output"),
    (): (FAILED, "PROGRAM is required"),
}
for arguments, (code, message) in failures.items():
  run = sagemem_run(*arguments, directory=place)
  check(f"exit code of {arguments}", run.code, code)
  check_that(message in run.stderr, f"{run.stderr!r} lacks {message!r}")
  check(f"stdout of {arguments}", run.stdout, "")
check("traces", run.traces, [])
