# SPDX-License-Identifier: Apache-2.0
"""A program whose symbol table was stripped has no functions to probe but those
that it exports: one line says so, and it runs as always."""
from harness import (check, events, need, plain, record, scratch, target,
                     unharmed)

need("strip")
here = scratch()
program = here / "stripped"
check("strip", plain("strip", "-s", "-o", program, target("plain_c")).code, 0)
RULES = {"SAGEMEM_SCOPES": "program = main (number = arg1)"}
run = unharmed(program, env=RULES, line="the program has no symbol table")
kinds = {event["kind"] for event in events(run.trace)}
check("scopes", kinds & {"scope_begin", "scope_end"}, set())
check("said without rules", record(program).stderr, "")
