// SPDX-License-Identifier: Apache-2.0
//
// Traces folded for fuzzing.  A trace is mostly padding: segments stand 64 KiB
// apart, and a fuzzer would spend its time on zeros.  So an input holds 1 KiB
// of each place that matters, and is read as the sparse file that it stands
// for:
//
//   input      | 0      | 1024   | 2048   | 3072   | ...
//   file       | 0      | 4096   | 65536  | 131072 | ...
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "decode/byte_source.h"
#include "sagemem/trace/format.h"

namespace sagemem::test {

inline constexpr std::size_t kFold = 1024;

// Where the n-th piece of an input stands in the file.
inline std::uint64_t unfolded_offset(std::uint64_t piece) {
  if (piece == 0) return 0;
  if (piece == 1) return trace::kHeaderBytes;
  return (piece - 1) * trace::kUnitBytes;
}

class FoldedSource final : public decode::ByteSource {
 public:
  explicit FoldedSource(std::span<const std::uint8_t> input) : input_(input) {}

  [[nodiscard]] std::uint64_t size() const override {
    if (input_.empty()) return 0;
    const std::uint64_t last = (input_.size() - 1) / kFold;
    return unfolded_offset(last) + input_.size() - last * kFold;
  }

  std::size_t read(std::uint64_t offset,
                   std::span<std::uint8_t> out) const override {
    if (offset >= size()) return 0;
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(out.size(), size() - offset));
    std::fill_n(out.data(), count, std::uint8_t{0});
    for (std::size_t start = 0; start < input_.size(); start += kFold) {
      copy_piece(start, offset, out.first(count));
    }
    return count;
  }

 private:
  // What the piece at `start` of the input has to say about file bytes
  // [offset, offset + out.size()).
  void copy_piece(std::size_t start, std::uint64_t offset,
                  std::span<std::uint8_t> out) const {
    const std::uint64_t at = unfolded_offset(start / kFold);
    const std::size_t length = std::min(kFold, input_.size() - start);
    const std::uint64_t from = std::max(at, offset);
    const std::uint64_t to = std::min(at + length, offset + out.size());
    if (from >= to) return;
    std::memcpy(out.data() + (from - offset),
                input_.data() + start + (from - at),
                static_cast<std::size_t>(to - from));
  }

  std::span<const std::uint8_t> input_;
};

// The input that stands for a file; what lies in between is dropped.
inline std::vector<std::uint8_t> fold(std::span<const std::uint8_t> file) {
  std::vector<std::uint8_t> input;
  for (std::uint64_t piece = 0; unfolded_offset(piece) < file.size(); ++piece) {
    const auto rest =
        file.subspan(static_cast<std::size_t>(unfolded_offset(piece)));
    const auto kept = rest.first(std::min(kFold, rest.size()));
    input.insert(input.end(), kept.begin(), kept.end());
  }
  return input;
}

}  // namespace sagemem::test
