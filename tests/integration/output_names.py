# SPDX-License-Identifier: Apache-2.0
"""SAGEMEM_OUTPUT: every pattern, and a file that exists is never written to."""
import os
import socket

from harness import check, check_totals, record, scratch, target

command = [target("plain_c")]


def names(pattern, **env):
  place = scratch()
  run = record(*command, directory=place,
               env={"SAGEMEM_OUTPUT": pattern, **env})
  check("stderr", run.stderr, "")
  found = sorted(str(path.relative_to(place)) for path in place.rglob("*.smt*"))
  check("one trace", len(found), 1)
  check_totals(place / found[0], run.claims)
  return found[0], run


name, run = names(None)
check("default", name, f"sagemem.target_plain_c.{run.pid}.smt")
check("%e", names("%e.smt")[0], "target_plain_c.smt")
name, run = names("a.%p.b.smt")
check("%p", name, f"a.{run.pid}.b.smt")
check("%n", names("n%n.smt")[0], "n0.smt")
check("%h", names("%h.smt")[0], f"{socket.gethostname()}.smt")
check("%%", names("100%%.smt")[0], "100%.smt")
for variable in ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK",
                 "SLURM_PROCID"):
  check(variable, names("rank%r.smt", **{variable: "12"})[0], "rank12.smt")

# Never over a file that is there, and never through a link.
place = scratch()
precious = place / "precious"
precious.write_text("precious")
(place / "taken.smt").write_text("mine")
os.symlink(precious, place / "taken.1.smt")
run = record(*command, directory=place, env={"SAGEMEM_OUTPUT": "taken.smt"})
check("old file", (place / "taken.smt").read_text(), "mine")
check("through the link", precious.read_text(), "precious")
check_totals(place / "taken.2.smt", run.claims)
check("mode", (place / "taken.2.smt").stat().st_mode & 0o777, 0o600)
