// SPDX-License-Identifier: Apache-2.0
#include "analysis/pool_model.h"

#include <algorithm>

namespace sagemem::analysis {
namespace {

// A block that no machine can have, from a damaged trace.
constexpr std::uint64_t kImpossible = std::uint64_t{1} << 48;

}  // namespace

// ---------------------------------------------------------------------- pool

PoolModel::PoolModel(std::uint64_t size)
    : block_bytes_(std::clamp(round_up(std::min(size, kImpossible), 8),
                              std::uint64_t{8}, kImpossible)),
      blocks_of_chunk_(std::max(kLeastBlocks, kChunk / block_bytes_)) {}

PoolModel::Place PoolModel::allocate(std::uint64_t size) {
  static_cast<void>(size);
  if (with_room_.empty()) {
    std::uint64_t chunk = used_.size();
    if (unused_.empty()) {
      used_.push_back(0);
    } else {
      chunk = unused_.back();
      unused_.pop_back();
    }
    take(round_up(block_bytes_ * blocks_of_chunk_, kPage));
    with_room_.insert(chunk);
    ++empty_;
  }
  const std::uint64_t chunk = *with_room_.begin();
  if (used_[chunk]++ == 0) --empty_;
  if (used_[chunk] == blocks_of_chunk_) with_room_.erase(chunk);
  return {chunk, block_bytes_};
}

void PoolModel::release(const Place& place) {
  const std::uint64_t chunk = place.address;
  with_room_.insert(chunk);
  if (--used_[chunk] > 0) return;
  if (++empty_ < 2) return;
  --empty_;
  with_room_.erase(chunk);
  unused_.push_back(chunk);
  give_back(round_up(block_bytes_ * blocks_of_chunk_, kPage));
}

PoolModel::Place PoolModel::resize(const Place& place, std::uint64_t size) {
  static_cast<void>(size);
  return place;
}

// --------------------------------------------------------------------- arena

ArenaModel::Arena& ArenaModel::arena() {
  const auto [arena, is_new] = open_.try_emplace(scope_);
  if (is_new && !waiting_.empty()) {
    arena->second = waiting_.back();
    waiting_.pop_back();
  }
  return arena->second;
}

ArenaModel::Place ArenaModel::allocate(std::uint64_t size) {
  Arena& here = arena();
  const std::uint64_t bytes =
      round_up(std::clamp(size, std::uint64_t{1}, kImpossible), kAlignment);
  const Place place{here.used, bytes};
  here.used += bytes;
  reach(here);
  return place;
}

// Address space is reserved in doublings, a call each; memory is taken as it is
// touched.
void ArenaModel::reach(Arena& here) {
  const std::uint64_t touched = round_up(here.used, kPage);
  if (touched <= here.touched) return;
  const std::uint64_t more = touched - here.touched;
  here.touched = touched;
  if (touched <= here.reserved) return hold(more);
  here.reserved = std::max(touched, 2 * here.reserved);
  take(more);
}

void ArenaModel::release(const Place& place) {
  static_cast<void>(place);
}

// The last one grows where it is.
ArenaModel::Place ArenaModel::resize(const Place& place, std::uint64_t size) {
  Arena& here = arena();
  if (place.address + place.bytes != here.used) {
    return size <= place.bytes ? place : allocate(size);
  }
  here.used = place.address;
  return allocate(size);
}

void ArenaModel::close_scope(model::ScopeId scope) {
  const auto found = open_.find(scope);
  if (found == open_.end()) return;
  Arena arena = found->second;
  open_.erase(found);
  arena.used = 0;
  waiting_.push_back(arena);
}

}  // namespace sagemem::analysis
