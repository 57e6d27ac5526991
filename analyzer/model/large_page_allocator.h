// SPDX-License-Identifier: Apache-2.0
//
// Memory for tables that are read at random places: large ones are aligned to
// huge pages and the kernel is asked for them.  Without it nearly every event
// of a program with millions of live blocks misses the TLB as well as the
// caches; replaying such a trace takes half as long again.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace sagemem::model {

template <typename T>
class LargePageAllocator {
 public:
  using value_type = T;  // NOLINT(readability-identifier-naming)

  LargePageAllocator() = default;
  template <typename Other>
  LargePageAllocator(const LargePageAllocator<Other>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (count > kLargest / sizeof(T)) throw std::bad_array_new_length();
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kLarge) return static_cast<T*>(::operator new(bytes));
    void* const memory = ::operator new(bytes, kHugePage);
    // Advice: where it is not taken, small pages do.
    ::madvise(memory, bytes, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, std::size_t count) noexcept {
    if (count * sizeof(T) < kLarge) {
      ::operator delete(memory);
    } else {
      ::operator delete(memory, kHugePage);
    }
  }

  friend bool operator==(LargePageAllocator, LargePageAllocator) = default;

 private:
  static constexpr std::align_val_t kHugePage{std::size_t{2} << 20};
  // From here on the last page, which is used in part, hardly counts.
  static constexpr std::size_t kLarge = std::size_t{8} << 20;
  static constexpr std::size_t kLargest = ~std::size_t{0} / 2;
};

}  // namespace sagemem::model
