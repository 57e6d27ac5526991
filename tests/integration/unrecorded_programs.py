# SPDX-License-Identifier: Apache-2.0
"""Programs that cannot be recorded run as always: a static one, and one whose
environment was emptied."""
from harness import check, target, unharmed

run = unharmed(target("static"))
check("traces", run.traces, [])

run = unharmed("env", "-i", target("plain_c"))
check("exit code", run.code, 0)
