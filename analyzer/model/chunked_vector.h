// SPDX-License-Identifier: Apache-2.0
//
// A vector that grows without moving what it holds: one thread appends while
// others look at elements that they were told of.  Telling them, through a lock
// or the like, is what makes it safe; the size is the appending thread's own.
//
//   chunk 0: 4096   chunk 1: 4096   chunk 2: 8192   chunk 3: 16384 ...
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <vector>

namespace sagemem::model {

template <typename T>
class ChunkedVector {
 public:
  void push_back(const T& value) {
    std::vector<T>& chunk = chunks_[chunk_of(size_)];
    // Never more than this, so that it is never moved.
    if (chunk.empty())
      chunk.reserve(std::max(start_of(chunk_of(size_)), kFirst));
    chunk.push_back(value);
    ++size_;
  }

  [[nodiscard]] const T& operator[](std::size_t index) const {
    const std::size_t chunk = chunk_of(index);
    // Not through operator[], which looks at the end that moves.
    return chunks_[chunk].data()[index - start_of(chunk)];
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr unsigned kFirstBits = 12;
  static constexpr std::size_t kFirst = std::size_t{1} << kFirstBits;

  static constexpr std::size_t chunk_of(std::size_t index) {
    return static_cast<std::size_t>(std::bit_width(index >> kFirstBits));
  }
  static constexpr std::size_t start_of(std::size_t chunk) {
    return chunk == 0 ? 0 : kFirst << (chunk - 1);
  }

  std::array<std::vector<T>, 64 - kFirstBits + 1> chunks_;
  std::size_t size_ = 0;
};

}  // namespace sagemem::model
