# SPDX-License-Identifier: Apache-2.0
"""errno is as the allocator left it, in every hook, for success and failure;
also while recording cannot work: no file, a file that may not grow."""
import resource

from harness import check, target, unharmed

run = unharmed(target("errno_kept"))
check("exit code", run.code, 0)
unharmed(target("errno_kept"), line="SAGEMEM_OUTPUT|/proc",
         env={"SAGEMEM_OUTPUT": "/proc/nowhere/%p.smt", "SAGEMEM_FOLLOW": "0"})


def limit_files():
  resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))


unharmed(target("errno_kept"), line="sagemem: ", preexec_fn=limit_files,
         env={"SAGEMEM_FOLLOW": "0"})
