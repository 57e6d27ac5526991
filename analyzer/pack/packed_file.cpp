// SPDX-License-Identifier: Apache-2.0
#include "pack/packed_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "sagemem/trace/symbols.h"

namespace sagemem::pack {
namespace {

using trace::FileHeader;

void write_at(int fd, std::uint64_t offset, const void* data,
              std::size_t bytes) {
  const auto* in = static_cast<const std::uint8_t*>(data);
  while (bytes > 0) {
    const ssize_t done = ::pwrite(fd, in, bytes, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      throw std::system_error(done < 0 ? errno : ENOSPC,
                              std::generic_category());
    }
    in += done;
    offset += static_cast<std::uint64_t>(done);
    bytes -= static_cast<std::size_t>(done);
  }
}

std::uint64_t aligned(std::uint64_t offset) {
  constexpr std::uint64_t mask = trace::kPackAlignment - 1;
  return (offset + mask) & ~mask;
}

}  // namespace

PackedFile::PackedFile(int fd, const FileHeader& header) : fd_(fd) {
  write_header(header);
}

void PackedFile::append(std::span<const std::uint8_t> pack) {
  const std::uint64_t start = aligned(end_);
  write_at(fd_, start, pack.data(), pack.size());
  end_ = start + pack.size();
  // Behind the pack in the order of system calls, which is the order in which
  // other processes see them.
  write_at(fd_, offsetof(FileHeader, packed_bytes), &end_, sizeof end_);
}

void PackedFile::append_symbols(std::span<const std::uint8_t> section) {
  if (section.empty()) return;
  const std::uint64_t start = aligned(end_);
  write_at(fd_, start, section.data(), section.size());
  symbols_ = start + section.size() - end_;
}

void PackedFile::finish(const FileHeader& header) {
  write_header(header);
}

void PackedFile::write_header(const FileHeader& header) const {
  FileHeader packed = header;
  packed.flags |= trace::kFlagPacked;
  packed.packed_bytes = end_;
  if (symbols_ != 0)
    packed.version_minor =
        std::max(packed.version_minor, trace::kSymbolsVersionMinor);
  write_at(fd_, 0, &packed, sizeof packed);
}

}  // namespace sagemem::pack
