// SPDX-License-Identifier: Apache-2.0
#include "transport/disk_space.h"

#include <sys/resource.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "platform/system_call.h"

namespace sagemem {

namespace {

bool exceeds_file_size_limit(std::uint64_t size) noexcept {
  rlimit limit{};
  if (is_error(system_call(SYS_prlimit64, 0, RLIMIT_FSIZE, nullptr, &limit))) {
    return false;
  }
  return limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur;
}

// For file systems without fallocate.  The kernel allocates the blocks when
// the pages are written back at the latest; most do so in the call.
int write_zeros(long fd, std::uint64_t from, std::uint64_t to) noexcept {
  static const char zeros[4096] = {};
  constexpr std::size_t kVectors = 64;
  iovec vectors[kVectors];
  for (iovec& vector : vectors) {
    vector = {const_cast<char*>(zeros), sizeof(zeros)};
  }
  while (from < to) {
    const std::uint64_t pages = (to - from + sizeof(zeros) - 1) / sizeof(zeros);
    const auto count = std::min<std::uint64_t>(pages, kVectors);
    const long written = system_call(SYS_pwritev, fd, vectors, count,
                                     static_cast<long>(from), 0L);
    if (written == -EINTR) continue;  // a signal came first: nothing written
    if (is_error(written)) return static_cast<int>(-written);
    if (written == 0) return ENOSPC;
    from += static_cast<std::uint64_t>(written);
  }
  return 0;
}

}  // namespace

int reserve_disk_space(long fd, std::uint64_t from, std::uint64_t to) noexcept {
  if (exceeds_file_size_limit(to)) return EFBIG;
  for (;;) {
    const long result =
        system_call(SYS_fallocate, fd, 0, static_cast<long>(from),
                    static_cast<long>(to - from));
    if (!is_error(result)) return 0;
    // tmpfs and ext4 give up when a signal is pending: blocks allocated so far
    // stay, the next call goes on.
    if (result == -EINTR) continue;
    if (result == -EOPNOTSUPP || result == -ENOSYS) {
      return write_zeros(fd, from, to);
    }
    return static_cast<int>(-result);
  }
}

void warm_up(long fd, std::uint64_t from, std::uint64_t to) noexcept {
  write_zeros(fd, from, to);
}

}  // namespace sagemem
