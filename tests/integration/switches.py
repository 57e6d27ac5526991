# SPDX-License-Identifier: Apache-2.0
"""SAGEMEM_OFF, SAGEMEM_FOLLOW and SAGEMEM_QUIET in every spelling; a value that
means nothing gets one line that names the variable, and the default."""
from harness import check, target, unharmed

plain_c = [target("plain_c")]
parent = [target("fork_child"), "2"]
starter = [target("spawns"), "vfork", target("plain_c")]


def traces(command, line=None, **env):
  return len(unharmed(*command, env=env, line=line).traces)


for on in ("1", "on", "yes", "true"):
  check(f"off={on}", traces(plain_c, SAGEMEM_OFF=on), 0)
  check(f"follow={on}", traces(parent, SAGEMEM_FOLLOW=on), 3)
for off in ("0", "off", "no", "false"):
  check(f"off={off}", traces(plain_c, SAGEMEM_OFF=off), 1)
  check(f"follow={off}, fork", traces(parent, SAGEMEM_FOLLOW=off), 1)
  check(f"follow={off}, exec", traces(starter, SAGEMEM_FOLLOW=off), 1)
check("follow, exec", traces(starter), 2)

for name, count in (("OFF", 1), ("FOLLOW", 1), ("QUIET", 1), ("MMAP", 1)):
  line = f"sagemem: SAGEMEM_{name}: .*maybe"
  check(name, traces(plain_c, line, **{f"SAGEMEM_{name}": "maybe"}), count)
check("bad pattern", traces(plain_c, "sagemem: SAGEMEM_OUTPUT: ",
                            SAGEMEM_OUTPUT="%x.smt"), 1)

unwritable = {"SAGEMEM_OUTPUT": "/nonexistent/x.smt"}
check("quiet", traces(plain_c, SAGEMEM_QUIET="1", **unwritable), 0)
check("not quiet", traces(plain_c, "/nonexistent", **unwritable), 0)
