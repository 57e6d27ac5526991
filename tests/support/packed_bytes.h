// SPDX-License-Identifier: Apache-2.0
//
// Packed traces in memory, for tests.  In the header alone: which build of the
// analyzer is linked is the test's business.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "decode/byte_source.h"
#include "decode/trace_file.h"
#include "pack/pack_trace.h"

namespace sagemem::test {

inline std::vector<std::uint8_t> packed_bytes(
    std::span<const std::uint8_t> trace) {
  const int fd = ::memfd_create("packed", MFD_CLOEXEC);
  if (fd < 0) throw std::runtime_error("no memfd");
  const decode::TraceFile file(decode::wrap_bytes(trace));
  std::vector<std::uint8_t> bytes(
      static_cast<std::size_t>(pack::write_packed(file, fd)));
  const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
  ::close(fd);
  if (got != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("short read of a packed trace");
  }
  return bytes;
}

}  // namespace sagemem::test
