# SPDX-License-Identifier: Apache-2.0
"""The packer makes the trace of a run small behind the program, which does not
notice: totals, wait() and descriptors are as without it."""
import json

from harness import (check, check_exact, check_that, check_totals, plain,
                     record, report, scratch, summary, target, unharmed)
from packing import ON, PACKER, is_packed, side_of, wait_packed, wait_until

# ------------------------------------------------------------ a run is packed

run = record(target("flood"), "60000", "4", env=ON)
trace = run.trace
before = check_totals(trace, run.claims, threads=4)  # in whatever state it is
check("packer_failed", before["notices"]["packer_failed"], 0)
wait_packed(trace)
check("left beside the trace", side_of(trace).exists(), False)
after = check_totals(trace, run.claims, threads=4)
check("the same", after, before)
check("mode", trace.stat().st_mode & 0o777, 0o600)
report("pack", trace)

# ----------------------------------------------------- the program sees nothing

run = unharmed(target("any_child"), "40000", env=ON)
wait_packed(run.trace)
check_exact(summary(run.trace))
run = unharmed(target("plain_c"), env=ON)  # ends before the packer has begun
wait_packed(run.trace)
check_totals(run.trace, run.claims)
run = unharmed(target("fork_child"), "3", env=ON)
check("traces", len(run.traces), 4)
for trace in run.traces:
  wait_packed(trace)
  check_exact(summary(trace))
run = unharmed(target("spawns"), "exec", target("plain_c"), env=ON)
check("traces", len(run.traces), 2)
for trace in run.traces:
  wait_packed(trace)
  check_exact(summary(trace))

# ------------------------------------------------------ when it has become long

long_enough = record(target("flood"), "60000", "4",
                     env={**ON, "SAGEMEM_PACK": "300K"})
wait_packed(long_enough.trace)
check_totals(long_enough.trace, long_enough.claims, threads=4)
too_short = record(target("flood"), "60000", "4",
                   env={**ON, "SAGEMEM_PACK": "900M"})
check("packed", is_packed(too_short.trace), False)
check("files", len(list(too_short.directory.iterdir())), 1)

# -------------------------------------------------------- how it is started

FACTS = """#!/usr/bin/python3
import json, os, signal, sys
facts = {
  "arguments": sys.argv[1:],
  "descriptors": {fd: os.readlink("/proc/self/fd/" + fd)
                  for fd in os.listdir("/proc/self/fd")
                  if os.path.exists("/proc/self/fd/" + fd)},
  "session": os.getsid(0) == os.getpid(),
  "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
  "environment": open("/proc/self/environ").read(),
  "hup": signal.getsignal(signal.SIGHUP) == signal.SIG_DFL,
}
name = sys.argv[1] + ".facts"
open(name + ".new", "w").write(json.dumps(facts))
os.rename(name + ".new", name)
"""
script = scratch() / "facts"
script.write_text(FACTS)
script.chmod(0o755)
run = record("nohup", target("flood"), "1000",
             env={**ON, "SAGEMEM_PACKER": script})
traces = [t for t in run.traces if "flood" in t.name]
check("traces", len(traces), 1)
facts_file = traces[0].with_name(traces[0].name + ".facts")
wait_until("the facts", facts_file.exists)
facts = json.loads(facts_file.read_text())
check("arguments", facts["arguments"], [str(traces[0]), str(run.pid)])
check("descriptors", {facts["descriptors"][fd] for fd in "012"}, {"/dev/null"})
others = [name for fd, name in facts["descriptors"].items()
          if int(fd) > 2 and not name.startswith(("/proc/", str(script)))]
check("other descriptors", others, [])
check("session", facts["session"], True)
check("blocked signals", facts["blocked"], 0)
check("SIGHUP", facts["hup"], True)
check_that("SAGEMEM" not in facts["environment"]
           and "LD_PRELOAD" not in facts["environment"], "an environment")

# ----------------------------------------------------------- where it is not

run = unharmed(target("plain_c"),
               env={**ON, "SAGEMEM_PACKER": "/nonexistent/sagemem-pack"})
result = check_totals(run.trace, run.claims)
check("packer_failed", result["notices"]["packer_failed"], 1)
for mode in ("off", "auto"):
  run = unharmed(target("plain_c"), env={**ON, "SAGEMEM_PACK": mode})
  check(f"{mode}: packed", is_packed(run.trace), False)
  check(f"{mode}: files", len(list(run.directory.iterdir())), 1)
run = unharmed(target("plain_c"), line="SAGEMEM_PACK: 'maybe'",
               env={**ON, "SAGEMEM_PACK": "maybe"})
check("by hand", plain(PACKER).code, 1)
check("of another process", plain(PACKER, run.trace, "1").code, 1)
