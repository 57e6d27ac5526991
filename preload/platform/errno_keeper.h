// SPDX-License-Identifier: Apache-2.0
//
// Puts errno back when a scope ends.  A hook must leave errno as the real call
// left it: POSIX lets malloc change it on failure only, and programs check it
// after calls that happen to free memory in between.
//
// The recorder's own system calls do not know errno, and reading a clock does
// not change it, so the way of an ordinary event needs none of these: only
// where libc, the loader or libunwind are called.
#pragma once

#include <cerrno>

namespace sagemem {

class ErrnoKeeper {
 public:
  ErrnoKeeper() noexcept : saved_(errno) {}
  ~ErrnoKeeper() { errno = saved_; }
  ErrnoKeeper(const ErrnoKeeper&) = delete;
  ErrnoKeeper& operator=(const ErrnoKeeper&) = delete;

 private:
  int saved_;
};

}  // namespace sagemem
