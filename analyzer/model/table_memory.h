// SPDX-License-Identifier: Apache-2.0
//
// Memory, all zeros at first, for the one table that grows with what the
// program kept alive; or, where the user has set a bound, a part of a file.
//
// In memory, large tables are aligned to huge pages and the kernel is asked for
// them: without, nearly every event of a program with millions of live blocks
// misses the TLB as well as the caches.
//
// In a file, the kernel has the pages, and writes back what it needs room for;
// trim() takes all of them from this process, which loses nothing, for the
// mapping is shared (madvise(2), MADV_DONTNEED).  Rejected: blocks in partition
// files of our own.  A release has to find its block at once, for the height of
// the heap at this moment depends on its size, so each would be a read of one
// block at a random place, as a page fault is; and the page faults come for the
// pages alone that are not in use anyway, in the order of the table, which is
// nearly that of the addresses.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sagemem::model {

class TableMemory {
 public:
  TableMemory() = default;
  // Throws std::bad_alloc, or std::system_error when there is no file or no
  // room in it.
  TableMemory(std::size_t bytes, bool is_in_file);
  TableMemory(TableMemory&& other) noexcept { swap(other); }
  TableMemory& operator=(TableMemory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~TableMemory();

  [[nodiscard]] void* start() const { return start_; }
  [[nodiscard]] bool is_in_file() const { return is_in_file_; }
  // Only of one in a file.
  void trim() const;

 private:
  void swap(TableMemory& other) noexcept;

  void* start_ = nullptr;
  void* mapping_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  bool is_in_file_ = false;
};

// What this process has in memory now; 0: not known.
[[nodiscard]] std::uint64_t resident_bytes();

}  // namespace sagemem::model
