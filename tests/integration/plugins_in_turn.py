# SPDX-License-Identifier: Apache-2.0
"""Two libraries with different code and frames at one address in turn: each
block is put down to the library that was there at the time."""
from harness import (as_json, check, check_exact, record, site_counts, skip,
                     summary, target)

ROUNDS = 100
run = record(target("plugin_host"), ROUNDS)
check("exit code", run.code, 0)
if run.claims["shared"] == 0:
  skip("the loader never gave both the same address")
counts = site_counts(run.trace)
check("rows", counts.get("plugin_allocate_rows"), 10 * ROUNDS)
check("columns", counts.get("plugin_allocate_columns"), 10 * ROUNDS)
check("constructors", counts.get("on_load"), 2 * ROUNDS)
check_exact(summary(run.trace))
# The last, too, after which the program does nothing more.
plugins = [module for module in as_json("info", run.trace)["modules"]
           if "plugin_" in module["path"].rsplit("/", 1)[-1]
           and not module["executable"]]
check("libraries", len(plugins), 2 * ROUNDS)
check("libraries that are still there",
      [module for module in plugins if module["unloaded_ns"] is None], [])
