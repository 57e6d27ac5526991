// SPDX-License-Identifier: Apache-2.0
//
// Where the bytes of a trace come from: a file, or memory (tests, fuzzers).
//
// Hazard: a trace may be truncated, or still growing, while it is read.  A
// mapping would turn the former into SIGBUS, so files are read with pread and
// a short read is an ordinary answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace sagemem::decode {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // The size when the source was opened, or last looked at again; reads may
  // find less.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // To be called when something was read that says how long a growing file is:
  // by now it is as long as that.
  virtual void look_again() {}

  // Fills `out` from `offset` on; returns how many bytes there were, fewer than
  // asked for only at the end.  Throws TraceError when the device fails.
  virtual std::size_t read(std::uint64_t offset,
                           std::span<std::uint8_t> out) const = 0;
};

// Throws TraceError when the file can not be opened or is not a regular file.
std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path);

// The same for a trace that may be packed while it is read (shared_lock.h).
std::unique_ptr<ByteSource> open_shared_file(const std::filesystem::path& path);

// What comes out of a descriptor that cannot be read twice, a pipe, to its end:
// copied to a file without a name.  The descriptor stays open.  Throws
// TraceError when it cannot be read, std::system_error when there is no room.
std::unique_ptr<ByteSource> spool_pipe(int fd);

// The bytes must outlive the source.
std::unique_ptr<ByteSource> wrap_bytes(std::span<const std::uint8_t> bytes);

}  // namespace sagemem::decode
