// SPDX-License-Identifier: Apache-2.0
#include "analysis/slab_model.h"

#include <algorithm>
#include <bit>

namespace sagemem::analysis {
namespace {

// Of what the system gives itself; addresses of the others are even.
constexpr std::uint64_t kDirect = 1;
// A block that no machine can have, from a damaged trace.
constexpr std::uint64_t kImpossible = std::uint64_t{1} << 60;

}  // namespace

// --------------------------------------------------------------------- buddy

BuddyModel::Place BuddyModel::allocate(std::uint64_t size) {
  size = std::clamp(size, std::uint64_t{1}, kImpossible);
  const auto order =
      std::max(kLeastOrder, static_cast<unsigned>(std::bit_width(size - 1)));
  if (order >= kMostOrder) {
    const std::uint64_t bytes = round_up(size, kPage);
    take(bytes);
    return {kDirect, bytes};
  }
  return {take_order(order), std::uint64_t{1} << order};
}

BuddyModel::Place BuddyModel::resize(const Place& place, std::uint64_t size) {
  const std::uint64_t least = std::uint64_t{1} << kMostOrder;
  if (place.address != kDirect || size < least) {
    return AllocatorModel::resize(place, size);
  }
  // mremap
  const std::uint64_t bytes = round_up(std::min(size, kImpossible), kPage);
  if (bytes > place.bytes) take(bytes - place.bytes);
  if (bytes < place.bytes) give_back(place.bytes - bytes);
  return {kDirect, bytes};
}

std::uint64_t BuddyModel::take_order(unsigned order) {
  if (order == kMostOrder) {
    const std::uint64_t bytes = std::uint64_t{1} << kMostOrder;
    take(bytes);
    if (unused_.empty()) {
      next_ += bytes;
      return next_ - bytes;
    }
    const std::uint64_t address = unused_.back();
    unused_.pop_back();
    return address;
  }
  std::set<std::uint64_t>& free = free_[order];
  if (!free.empty()) {
    const std::uint64_t address = *free.begin();
    free.erase(free.begin());
    return address;
  }
  const std::uint64_t address = take_order(order + 1);
  free.insert(address + (std::uint64_t{1} << order));
  return address;
}

void BuddyModel::release(const Place& place) {
  if (place.address == kDirect) return give_back(place.bytes);
  std::uint64_t address = place.address;
  auto order = static_cast<unsigned>(std::countr_zero(place.bytes));
  for (; order < kMostOrder; ++order) {
    const std::uint64_t other = address ^ (std::uint64_t{1} << order);
    if (free_[order].erase(other) == 0) {
      free_[order].insert(address);
      return;
    }
    address = std::min(address, other);
  }
  unused_.push_back(address);
  give_back(std::uint64_t{1} << kMostOrder);
}

// ---------------------------------------------------------------------- slab

std::size_t SlabModel::class_of(std::uint64_t bytes) {
  if (bytes <= kLeast) return 0;
  // Four to a doubling: the two bits behind the first one tell which.
  const auto width = static_cast<unsigned>(std::bit_width(bytes - 1));
  const std::uint64_t step = std::uint64_t{1} << (width - 3);
  const std::uint64_t quarter = (bytes - 1) / step - 3;  // 1 to 4
  return (width - 7) * 4 + quarter;
}

std::uint64_t SlabModel::class_bytes(std::uint64_t size) {
  if (size > kMost) return 0;
  if (size <= kLeast) return kLeast;
  const auto width = static_cast<unsigned>(std::bit_width(size - 1));
  return round_up(size, std::uint64_t{1} << (width - 3));
}

SlabModel::Place SlabModel::allocate(std::uint64_t size) {
  const std::uint64_t bytes = class_bytes(size);
  if (bytes == 0) {
    const Place place = buddy_.allocate(size);
    follow_buddy();
    return place;
  }
  Class& here = classes_[class_of(bytes)];
  if (here.with_room.empty()) {
    here.with_room.insert(new_slab());
    ++here.empty;
  }
  const std::uint32_t number = *here.with_room.begin();
  Slab& slab = slabs_[number];
  if (slab.used++ == 0) --here.empty;
  if (slab.used == kSlab / bytes) here.with_room.erase(number);
  return {number, bytes};
}

void SlabModel::release(const Place& place) {
  if (place.bytes > kMost || place.bytes == 0) {
    buddy_.release(place);
    follow_buddy();
    return;
  }
  Class& here = classes_[class_of(place.bytes)];
  const auto number = static_cast<std::uint32_t>(place.address);
  Slab& slab = slabs_[number];
  here.with_room.insert(number);
  if (--slab.used > 0) return;
  // One empty slab of each class is kept.
  if (++here.empty < 2) return;
  --here.empty;
  here.with_room.erase(number);
  unused_.insert(number);
  buddy_.release(slab.place);
  follow_buddy();
}

SlabModel::Place SlabModel::resize(const Place& place, std::uint64_t size) {
  const std::uint64_t bytes = class_bytes(size);
  if (bytes != 0 && bytes == place.bytes) return place;
  if (bytes == 0 && place.bytes > kMost) {
    const Place resized = buddy_.resize(place, size);
    follow_buddy();
    return resized;
  }
  return AllocatorModel::resize(place, size);
}

std::uint32_t SlabModel::new_slab() {
  const Place place = buddy_.allocate(kSlab);
  follow_buddy();
  if (unused_.empty()) {
    slabs_.push_back({place, 0});
    return static_cast<std::uint32_t>(slabs_.size() - 1);
  }
  const std::uint32_t number = *unused_.begin();
  unused_.erase(unused_.begin());
  slabs_[number] = {place, 0};
  return number;
}

void SlabModel::follow_buddy() {
  const std::uint64_t now = buddy_.held_bytes();
  if (now > held_by_buddy_) take(now - held_by_buddy_);
  if (now < held_by_buddy_) give_back(held_by_buddy_ - now);
  held_by_buddy_ = now;
}

}  // namespace sagemem::analysis
