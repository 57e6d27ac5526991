# SPDX-License-Identifier: Apache-2.0
"""A program that another one starts is recorded too, whatever the call; the
starting one's record stays whole.

usage: spawned_programs.py WAY
"""
import sys

from harness import check, check_totals, summary, target, unharmed

way = sys.argv[1]
run = unharmed(target("spawns"), way, target("plain_c"))
claims = {"allocations": 1000, "releases": 993, "bytes": 374382}
of_program = [trace for trace in run.traces if "target_plain_c" in trace.name]
check("traces of the started program", len(of_program), 1)
check_totals(of_program[0], claims)
own = [trace for trace in run.traces if "target_spawns" in trace.name]
check("traces of the starting program", len(own), 2 if way == "fork" else 1)
totals = summary(run.own_trace if way != "exec" else own[0])["totals"]
print(totals)
