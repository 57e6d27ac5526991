// SPDX-License-Identifier: Apache-2.0
//
// The blocks that are live, by address: what nearly every event of a trace
// looks into, at places that no cache foresees.  So an entry is 24 bytes and
// nothing else, in one array, where it is looked for from one place on:
//
//   place      0     1     2     3     4     5
//   entry      .    0x10  0x40  0x20   .    0x90      . free: address 0
//   wanted at       1     1     2           5
//
// A release moves up what follows, so that there are no marks of the dead to
// step over.  Who knows the next addresses asks for their places beforehand.
//
// Blocks of one KiB of addresses go to neighbouring places: what lies close
// together was mostly allocated, and will be released, close together.  The
// KiBs are spread, because allocators line up at powers of two.
//
// A bound on the memory of the process is kept by moving the table to a file
// (table_memory.h) and giving its pages back whenever the bound is reached.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "model/block.h"
#include "model/table_memory.h"

namespace sagemem::model {

class BlockTable {
 public:
  struct Entry {
    std::uint64_t address;
    Block block;
  };

  static constexpr std::uint64_t kUnbounded = ~std::uint64_t{0};

  // `max_resident`: of the whole process.
  explicit BlockTable(std::uint64_t max_resident = kUnbounded);

  // Always inline, and so is all above it: gcc takes a function that does
  // nothing but this for one without any effect, and drops the calls of it.
  [[gnu::always_inline]] void prefetch(std::uint64_t address) const {
    __builtin_prefetch(entries_ + home(address), 1);
  }
  [[nodiscard]] const Block* find(std::uint64_t address) const {
    const Entry* const entry = look_up(address);
    return entry->address != 0 ? &entry->block : nullptr;
  }
  [[nodiscard]] bool contains(std::uint64_t address) const {
    return find(address) != nullptr;
  }
  // The block at the address, which is no longer there.
  std::optional<Block> take(std::uint64_t address) {
    Entry* const entry = look_up(address);
    if (entry->address == 0) return std::nullopt;
    const Block block = entry->block;
    remove(entry);
    return block;
  }
  // The block at the address, and whether it is this one, put there just now.
  // The address must not be 0.
  std::pair<Block*, bool> try_put(std::uint64_t address, const Block& block) {
    Entry* entry = look_up(address);
    if (entry->address != 0) return {&entry->block, false};
    if (++size_ > limit_) {
      grow();
      entry = look_up(address);
    }
    *entry = {address, block};
    return {&entry->block, true};
  }

  template <typename Visit>
  void each(const Visit& visit) const {
    for (std::size_t i = 0; i <= mask_; ++i) {
      if (entries_[i].address != 0)
        visit(entries_[i].address, entries_[i].block);
    }
  }

  // To be called every now and then; keeps to the bound.
  void trim() {
    if (memory_.is_in_file() && resident_bytes() > max_resident_)
      memory_.trim();
  }
  [[nodiscard]] bool is_spilled() const { return memory_.is_in_file(); }

 private:
  static_assert(sizeof(Block) == 16);

  [[nodiscard]] std::size_t home(std::uint64_t address) const {
    const std::uint64_t group = (address >> 10) * 0x9e3779b97f4a7c15 >> 20;
    return static_cast<std::size_t>(group + (address >> 4 & 63)) & mask_;
  }
  // Of the address, or the free one where it would go.  Address 0, which no
  // block has, finds a free one as well.
  [[nodiscard]] Entry* look_up(std::uint64_t address) const {
    std::size_t place = home(address);
    while (entries_[place].address != address && entries_[place].address != 0) {
      place = (place + 1) & mask_;
    }
    return entries_ + place;
  }
  void remove(Entry* entry);
  void grow();
  void allocate(std::size_t capacity);
  [[nodiscard]] bool must_spill(std::size_t bytes) const;

  std::uint64_t max_resident_;
  TableMemory memory_;
  Entry* entries_ = nullptr;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
  std::size_t limit_ = 0;  // more entries than this, and it grows
};

}  // namespace sagemem::model
