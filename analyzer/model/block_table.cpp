// SPDX-License-Identifier: Apache-2.0
#include "model/block_table.h"

#include <new>

namespace sagemem::model {
namespace {

constexpr std::size_t kFirstCapacity = 1 << 10;

}  // namespace

BlockTable::BlockTable(std::uint64_t max_resident)
    : max_resident_(max_resident) {
  allocate(kFirstCapacity);
}

void BlockTable::remove(Entry* entry) {
  --size_;
  auto hole = static_cast<std::size_t>(entry - entries_);
  for (std::size_t place = (hole + 1) & mask_; entries_[place].address != 0;
       place = (place + 1) & mask_) {
    // It may move up when it is wanted at the hole or before it.
    const std::size_t distance =
        (place - home(entries_[place].address)) & mask_;
    if (distance < ((place - hole) & mask_)) continue;
    entries_[hole] = entries_[place];
    hole = place;
  }
  entries_[hole].address = 0;
}

// In the order of the old table the new one is filled at two places that go
// forward, so that in a file as well no page is needed twice.
void BlockTable::grow() {
  const TableMemory old_memory = std::move(memory_);
  const Entry* const old = entries_;
  const std::size_t old_capacity = mask_ + 1;
  memory_ = TableMemory();
  allocate(2 * old_capacity);
  constexpr std::size_t kEntriesBetweenTrims = 1 << 12;
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old[i].address != 0) *look_up(old[i].address) = old[i];
    if (i % kEntriesBetweenTrims != 0) continue;
    if (old_memory.is_in_file() && resident_bytes() > max_resident_) {
      old_memory.trim();
    }
    trim();
  }
}

void BlockTable::allocate(std::size_t capacity) {
  if (capacity > ~std::size_t{0} / 2 / sizeof(Entry)) throw std::bad_alloc();
  const std::size_t bytes = capacity * sizeof(Entry);
  memory_ = TableMemory(bytes, must_spill(bytes));
  entries_ = static_cast<Entry*>(memory_.start());
  mask_ = capacity - 1;
  limit_ = capacity / 8 * 5;
}

// While a table grows the old one is there too.
bool BlockTable::must_spill(std::size_t bytes) const {
  return max_resident_ != kUnbounded &&
         resident_bytes() + bytes > max_resident_;
}

}  // namespace sagemem::model
