# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark at its least length and looks whether every table has its
rows.  What the figures are is not a test's business.  compare_stacks.py runs
with the least of its programs, and fails by itself.

usage: check_bench.py BUILD_ROOT
"""
import subprocess
import sys
import tempfile
from pathlib import Path

TABLES = ("Bars", "A malloc+free pair", "Bytes an event", "Threads",
          "Instructions a pair", "Real programs", "Machine and run")
ROWS = ("| s0 depth 20: own cost below heaptrack's | at least 12 times | - |",
        "| s0: raw bytes an event | at most 6 | ",
        "| s0 | 5 | ", "| s4 | 60 | ", "| python3 | plain | ",
        "| python3 | sagemem | ", "| minisage | sagemem | ",
        "| named | sagemem | ", "| length | tiny |")


def main():
  build = Path(sys.argv[1])
  with tempfile.TemporaryDirectory() as place:
    results = Path(place) / "results.md"
    subprocess.run(
        [sys.executable, Path(__file__).parent / "run_bench.py", "--tiny",
         "--without-others", "--build", build, "--results", results,
         "--sage", f"named={build / 'bench/scenarios'} s4 20 1000"],
        check=True, stdout=subprocess.DEVNULL)
    text = results.read_text()
  subprocess.run(
      [sys.executable, Path(__file__).parent / "compare_stacks.py", "--build",
       build, "--only", "minisage", "--stacks", "1"], check=True)
  wanted = [f"\n## {name}\n" for name in TABLES] + [f"\n{row}" for row in ROWS]
  missing = [part.strip() for part in wanted if part not in text]
  if missing:
    print(text)
    sys.exit(f"not in the results: {missing}")


if __name__ == "__main__":
  main()
