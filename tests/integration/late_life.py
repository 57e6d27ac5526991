# SPDX-License-Identifier: Apache-2.0
"""Memory that static initialisers, constructors, exit handlers, thread-local
and thread-specific destructors take and give back is all in the record, up to
the last call of the process."""
from harness import as_json, check, check_exact, record, summary, target

run = record(target("static_life"))
check("exit code", run.code, 0)
check_exact(summary(run.trace))
# The C++ library's emergency pool, and the loader's vector for the thread, are
# never freed; nothing of the program's own is left.
sites = as_json("leaks", run.trace, "--top", "0")["sites"]
own = [site for site in sites if "target_static_life" in str(site["module"])]
check("leaks of the program", own, [])
