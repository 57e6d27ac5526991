// SPDX-License-Identifier: Apache-2.0
//
// Small reads of /proc and friends, without allocation.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <cstddef>

#include "platform/system_call.h"

namespace sagemem {

// A new descriptor, or -errno.
inline long open_file(const char* path, int flags, unsigned mode = 0) noexcept {
  return system_call(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

inline void close_file(long fd) noexcept {
  system_call(SYS_close, fd);
}

// Up to `capacity` bytes from the start of a file; 0 when it can not be read.
inline std::size_t read_file(const char* path, char* out,
                             std::size_t capacity) noexcept {
  const long fd = open_file(path, O_RDONLY);
  if (is_error(fd)) return 0;
  std::size_t size = 0;
  while (size < capacity) {
    const long got = system_call(SYS_read, fd, out + size, capacity - size);
    if (got == -EINTR) continue;  // a signal came first: nothing was read
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  close_file(fd);
  return size;
}

}  // namespace sagemem
