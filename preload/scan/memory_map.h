// SPDX-License-Identifier: Apache-2.0
//
// What is mapped where, out of /proc/thread-self/maps (proc(5)), in pages of
// our own.
//
// Hazard: other threads may map and unmap at any time; what is read later has
// to be read carefully all the same.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sagemem/trace/scan.h"

namespace sagemem {

struct Region {
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t inode;  // of its file, 0: none
  std::uint32_t device_major;
  std::uint32_t device_minor;
  trace::RegionKind kind;
  bool is_readable;
  bool is_writable;
  bool is_guarded;  // right behind a mapping that may not be touched
  bool is_special;  // [vvar] and the like, devices
};

class MemoryMap {
 public:
  MemoryMap() noexcept = default;
  ~MemoryMap();
  MemoryMap(const MemoryMap&) = delete;
  MemoryMap& operator=(const MemoryMap&) = delete;

  // False: it cannot be read, or not all of it.
  bool read() noexcept;

  // By address.
  [[nodiscard]] const Region* begin() const noexcept { return regions_; }
  [[nodiscard]] const Region* end() const noexcept { return regions_ + count_; }
  // The one that `address` lies in, or nullptr.
  [[nodiscard]] const Region* find(std::uint64_t address) const noexcept;
  // Where it stands itself.
  [[nodiscard]] std::uint64_t own_start() const noexcept {
    return reinterpret_cast<std::uint64_t>(regions_);
  }
  [[nodiscard]] std::uint64_t own_end() const noexcept {
    return own_start() + kBytes;
  }

 private:
  // Address space only, until it is written: twice the kernel's default limit
  // of mappings (vm.max_map_count, 65530), for those who raise it.
  static constexpr std::size_t kMaxRegions = std::size_t{1} << 17;
  // A line has some 4200 bytes at most: a path of PATH_MAX.
  static constexpr std::size_t kTextBytes = 64 * 1024;
  // The text stands behind the regions.
  static constexpr std::size_t kBytes =
      kMaxRegions * sizeof(Region) + kTextBytes;

  void add(const char* line, const char* end) noexcept;
  std::size_t add_lines(char* text, std::size_t bytes) noexcept;

  Region* regions_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace sagemem
