# SPDX-License-Identifier: Apache-2.0
"""Twenty leaked blocks of a site that was called 40 000 times are 20 blocks."""
from harness import as_json, check, check_totals, record, target

run = record(target("leak_rows"))
result = check_totals(run.trace, run.claims)
check("leaked bytes", result["leaked"]["bytes"], 20 * 1024)
sites = as_json("leaks", run.trace)["sites"]
check("leaking sites", len(sites), 1)
check("function", sites[0]["function"], "make_row")
check("blocks", sites[0]["leaked_blocks"], 20)
check("bytes", sites[0]["leaked_bytes"], 20 * 1024)
