# SPDX-License-Identifier: Apache-2.0
"""Hundreds of modules at once: each allocation still belongs to the right
function, or the trace says that the table was full."""
import shutil

from harness import TARGETS, check, record, scratch, site_counts, summary
from harness import target

MODULES = 600
crowd = scratch()
for number in range(MODULES):
  shutil.copy(TARGETS / "plugin_rows.so", crowd / f"plugin_{number}.so")
run = record(target("module_crowd"), crowd)
check("exit code", run.code, 0)
result = summary(run.trace)
if result["notices"]["module_table_full"] == 0:
  counts = site_counts(run.trace)
  check("plugin_allocate_rows", counts.get("plugin_allocate_rows"),
        run.claims["plugin_allocate_rows"])
check("exact", result["exact"], True)
