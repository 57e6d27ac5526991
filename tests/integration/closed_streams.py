# SPDX-License-Identifier: Apache-2.0
"""Programs that start with stdin, stdout or stderr closed, and programs that
close every file and open their own under the same numbers: no file but the
trace is ever written to."""
from harness import check, check_exact, plain, record, scratch
from harness import summary, target, unharmed

for closing in ("<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
  run = unharmed("sh", "-c", f'exec "$@" {closing}', "sh", target("flood"),
                 "20000", env={"SAGEMEM_QUIET": "0"})
  trace = [path for path in run.traces if "flood" in path.name]
  check("traces", len(trace), 1)
  check_exact(summary(trace[0]))

# A line that has nowhere to go must not land in a file of the program.
files = scratch()
unwritable = {"SAGEMEM_OUTPUT": "/proc/nowhere.smt"}
for runner, env in ((plain, {}), (record, {}), (record, unwritable)):
  run = runner("sh", "-c", 'exec "$@" 2>&-', "sh", target("closed_files"),
               files, env=env)
  check("exit code", run.code, 0)
  for path in files.iterdir():
    check(str(path), path.read_bytes(), b"twelve bytes")
  if runner is plain:
    want = run.stdout
  check("stdout", run.stdout, want)
