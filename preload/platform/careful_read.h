// SPDX-License-Identifier: Apache-2.0
//
// Reads of memory that another thread may unmap in the same moment, or that
// was never there: the kernel copies, and says what it could not read, instead
// of a SIGSEGV in the target.  Some 300 ns a call.
//
// A process may always read itself so (process_vm_readv(2), Linux 3.2), but a
// sandbox may refuse the call.  Then each page is asked for first: a call that
// is refused for its other argument reads the set of signals before it says so
// (rt_sigprocmask in kernel/signal.c), or reports EFAULT.
//
// Hazard: in such a sandbox the page may go between the question and the copy.
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "platform/system_call.h"

namespace sagemem {

namespace detail {

inline constexpr std::size_t kLeastPage = 4096;

inline bool is_readable(std::uint64_t address) noexcept {
  constexpr int kNoSuchWay = ~0;
  return system_call(SYS_rt_sigprocmask, kNoSuchWay, address, nullptr,
                     sizeof(std::uint64_t)) != -EFAULT;
}

// `bytes` from `address` on, as far as pages are there.
inline std::size_t read_asking_first(std::uint64_t address, void* out,
                                     std::size_t bytes) noexcept {
  std::size_t done = 0;
  while (done < bytes) {
    const std::uint64_t from = address + done;
    const std::uint64_t in_page = from % kLeastPage;
    // A whole word of that page.
    if (!is_readable(from - in_page)) break;
    const std::size_t part =
        std::min<std::size_t>(bytes - done, kLeastPage - in_page);
    std::memcpy(static_cast<char*>(out) + done,
                reinterpret_cast<const void*>(from), part);
    done += part;
  }
  return done;
}

}  // namespace detail

// Nothing can go in between: not so in such a sandbox.
inline bool is_copied_by_kernel() noexcept {
  char bytes[2] = {};
  const iovec local{bytes, 1};
  const iovec remote{bytes + 1, 1};
  return system_call(SYS_process_vm_readv, system_call(SYS_getpid), &local, 1L,
                     &remote, 1L, 0L) == 1;
}

// How many of the `bytes` at `address` could be read: all, those before the
// first page that is not there, or none.
inline std::size_t read_carefully(std::uint64_t address, void* out,
                                  std::size_t bytes) noexcept {
  const iovec local{out, bytes};
  const iovec remote{reinterpret_cast<void*>(address), bytes};
  const long got = system_call(SYS_process_vm_readv, system_call(SYS_getpid),
                               &local, 1L, &remote, 1L, 0L);
  if (got == -EPERM || got == -ENOSYS || got == -EACCES) [[unlikely]] {
    return detail::read_asking_first(address, out, bytes);
  }
  return is_error(got) ? 0 : static_cast<std::size_t>(got);
}

template <typename T>
inline bool read_carefully(std::uint64_t address, T& out) noexcept {
  return read_carefully(address, &out, sizeof out) == sizeof out;
}

}  // namespace sagemem
