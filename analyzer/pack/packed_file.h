// SPDX-License-Identifier: Apache-2.0
//
// A packed trace as it is written: a header, then packs, each published when
// it is there as a whole.
//
//   append()   the bytes of the pack          behind what is published
//   publish    FileHeader::packed_bytes       one aligned word, last
//
// So a reader that comes at any moment, and one that comes after a SIGKILL at
// any moment, sees whole packs only.
#pragma once

#include <cstdint>
#include <span>

#include "sagemem/trace/format.h"

namespace sagemem::pack {

class PackedFile {
 public:
  // Over an empty file that is open for writing; the descriptor stays the
  // caller's.  Writes `header`, marked as that of a packed trace without packs.
  // Throws std::system_error, as all that follows.
  PackedFile(int fd, const trace::FileHeader& header);

  void append(std::span<const std::uint8_t> pack);

  // The symbols, behind all packs; nothing when there are none.
  void append_symbols(std::span<const std::uint8_t> section);

  // The header anew, as it was at the end.
  void finish(const trace::FileHeader& header);

  // With the symbols.
  [[nodiscard]] std::uint64_t bytes() const { return end_ + symbols_; }

 private:
  void write_header(const trace::FileHeader& header) const;

  int fd_;
  std::uint64_t end_ = trace::kHeaderBytes;
  std::uint64_t symbols_ = 0;  // bytes behind it
};

}  // namespace sagemem::pack
