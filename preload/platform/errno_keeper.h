// SPDX-License-Identifier: Apache-2.0
//
// Puts errno back when a scope ends.  A hook must leave errno as the real call
// left it: POSIX lets malloc change it on failure only, and programs check it
// after calls that happen to free memory in between.
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
