// SPDX-License-Identifier: Apache-2.0
//
// A slab allocator with a buddy allocator below: what a program could use for
// all its blocks.
//
// Up to 4 KiB: size classes from 64 bytes on, four to a doubling; slabs of
// 64 KiB hold blocks of one class.  Blocks go to the lowest slab with room, so
// that others become empty and can be given back.
//
// Above: powers of two, halves of what was split go together again.  128 KiB
// and more come from the system and go back to it.  Of a larger block the pages
// behind what was asked for are never touched and do not count.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "analysis/allocator_model.h"

namespace sagemem::analysis {

class BuddyModel : public AllocatorModel {
 public:
  Place allocate(std::uint64_t size) override;
  void release(const Place& place) override;
  Place resize(const Place& place, std::uint64_t size) override;

 private:
  static constexpr unsigned kLeastOrder = 12;
  static constexpr unsigned kMostOrder = 17;  // of what the system gives

  std::uint64_t take_order(unsigned order);

  // Addresses of free blocks of each order.
  std::array<std::set<std::uint64_t>, kMostOrder> free_;
  std::vector<std::uint64_t> unused_;  // addresses that were given back
  std::uint64_t next_ = 0;
};

class SlabModel : public AllocatorModel {
 public:
  static constexpr std::uint64_t kLeast = 64;
  static constexpr std::uint64_t kMost = 4096;

  // What a block of the size takes; 0: it is no slab's.
  [[nodiscard]] static std::uint64_t class_bytes(std::uint64_t size);

  Place allocate(std::uint64_t size) override;
  void release(const Place& place) override;
  Place resize(const Place& place, std::uint64_t size) override;

 private:
  static constexpr std::uint64_t kSlab = 64 * 1024;
  static constexpr std::size_t kClasses = 25;

  struct Slab {
    Place place;
    std::uint64_t used = 0;
  };
  struct Class {
    std::set<std::uint32_t> with_room;  // slabs
    std::uint32_t empty = 0;
  };

  [[nodiscard]] static std::size_t class_of(std::uint64_t bytes);
  std::uint32_t new_slab();
  void follow_buddy();

  BuddyModel buddy_;
  std::array<Class, kClasses> classes_;
  std::vector<Slab> slabs_;
  std::set<std::uint32_t> unused_;  // numbers of slabs that were given back
  std::uint64_t held_by_buddy_ = 0;
};

}  // namespace sagemem::analysis
