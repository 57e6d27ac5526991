# SPDX-License-Identifier: Apache-2.0
"""A library that a built-in profile is for comes in the middle of a script: its
forests are seen, with no option."""
import collections
import sys
from pathlib import Path

from harness import check, events, report, target, unharmed

LIBRARY = Path(target("plugin_host")).parent / "late_sage.so"
SCRIPT = f"""
import ctypes
sage = ctypes.CDLL({str(LIBRARY)!r})
print([sage.sage_per_forest(ctypes.c_int64(n)) for n in range(50)])
"""
run = unharmed(sys.executable, "-c", SCRIPT)
calls = collections.Counter()
numbers, halos = [], []
for event in events(run.trace):
  calls[event["kind"]] += 1
  if event["kind"] == "scope_begin":
    numbers += event["values"]
  if event["kind"] == "note":
    halos += event["values"]
check("begins and ends", (calls["scope_begin"], calls["scope_end"]), (50, 50))
check("numbers", numbers, list(range(50)))
check("halos", halos, list(range(1, 51)))
check("built in", "built-in" in report("dump", run.trace).stdout, True)
