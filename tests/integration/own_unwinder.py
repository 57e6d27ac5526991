# SPDX-License-Identifier: Apache-2.0
"""backtrace() stays the C library's, a program's own libunwind stays its own,
and neither is disturbed by the recorder's unwinding."""
from harness import check_that, target, unharmed

run = unharmed(target("backtrace_user"))
check_that("backtrace: libc.so" in run.stdout, run.stdout)
check_that("unw_backtrace: nobody" in run.stdout, run.stdout)
unharmed(target("unwind_user"))
