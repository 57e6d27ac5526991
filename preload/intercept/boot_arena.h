// SPDX-License-Identifier: Apache-2.0
//
// Memory for the calls that the loader makes while dlsym() looks up the real
// allocator: there is nobody to pass them to yet.  Bumped, never reused: it
// serves a handful of small blocks (dlerror text) in a process's life.
//
//   | size | block ... | size | block ... |        blocks 16-aligned
//
// A block may come back through free or realloc at any later time: contains()
// tells it from the real allocator's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sagemem {

class BootArena {
 public:
  // nullptr: full.
  void* allocate(std::size_t bytes, std::size_t alignment = 16) noexcept {
    if (alignment < 16) alignment = 16;
    if (bytes > sizeof memory_ || alignment > 4096) return nullptr;
    const std::size_t step = sizeof(std::size_t) + alignment + bytes + 16;
    // Relaxed: the blocks of two threads need no order, only no overlap.
    const std::size_t from = used_.fetch_add(step, std::memory_order_relaxed);
    if (from + step > sizeof memory_) return nullptr;
    const auto base =
        reinterpret_cast<std::uintptr_t>(memory_) + from + sizeof(std::size_t);
    const auto block = (base + alignment - 1) & ~(alignment - 1);
    std::memcpy(reinterpret_cast<char*>(block) - sizeof(std::size_t), &bytes,
                sizeof bytes);
    return reinterpret_cast<void*>(block);
  }

  [[nodiscard]] bool contains(const void* block) const noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    const auto base = reinterpret_cast<std::uintptr_t>(memory_);
    return address - base < sizeof memory_;
  }

  static std::size_t size_of(const void* block) noexcept {
    std::size_t bytes = 0;
    std::memcpy(&bytes, static_cast<const char*>(block) - sizeof bytes,
                sizeof bytes);
    return bytes;
  }

 private:
  alignas(16) std::uint8_t memory_[32 * 1024]{};
  std::atomic<std::size_t> used_{0};
};

extern BootArena g_boot_arena;

}  // namespace sagemem
