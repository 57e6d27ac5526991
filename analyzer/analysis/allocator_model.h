// SPDX-License-Identifier: Apache-2.0
//
// Allocators as models: where blocks would be, and how much memory that takes,
// without any memory.  A trace is replayed through several of them to say what
// another way to allocate would save; see reuse.h.
//
// What counts is what is held from the system, in bytes.  Memory that was never
// touched is not in the resident set and still counts here, but for whole pages
// behind the end of a block.
#pragma once

#include <cstdint>

namespace sagemem::analysis {

class AllocatorModel {
 public:
  // Where a block is, and what it takes there.  Only its model reads it.
  struct Place {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
  };

  AllocatorModel() = default;
  AllocatorModel(const AllocatorModel&) = delete;
  AllocatorModel& operator=(const AllocatorModel&) = delete;
  virtual ~AllocatorModel() = default;

  virtual Place allocate(std::uint64_t size) = 0;
  virtual void release(const Place& place) = 0;
  virtual Place resize(const Place& place, std::uint64_t size) {
    const Place moved = allocate(size);
    release(place);
    return moved;
  }

  // Held from the system now.
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }
  // How often it asked the system, or the allocator below it, for memory or
  // gave some back.
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

 protected:
  static constexpr std::uint64_t kPage = 4096;

  static constexpr std::uint64_t round_up(std::uint64_t size,
                                          std::uint64_t multiple) {
    return (size + multiple - 1) / multiple * multiple;
  }
  void take(std::uint64_t bytes) {
    held_bytes_ += bytes;
    ++calls_;
  }
  // The same without a call.
  void hold(std::uint64_t bytes) { held_bytes_ += bytes; }
  void give_back(std::uint64_t bytes) {
    held_bytes_ -= bytes;
    ++calls_;
  }

 private:
  std::uint64_t held_bytes_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace sagemem::analysis
