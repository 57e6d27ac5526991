// SPDX-License-Identifier: Apache-2.0
#include "model/heap_model.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

namespace sagemem::model {

void HeapModel::allocate(std::uint32_t writer, std::uint64_t address,
                         std::uint64_t size, StackId stack, std::uint64_t ticks,
                         bool counts) {
  const Block block = bear(writer, address, size, stack, ticks, counts);
  if (observer_ != nullptr && counts) {
    observer_->allocate({address, block, ticks});
  }
}

inline Block HeapModel::bear(std::uint32_t writer, std::uint64_t address,
                             std::uint64_t size, StackId stack,
                             std::uint64_t ticks, bool counts) {
  const Block block{size, stack,
                    counts ? scopes_.origin(writer) : Block::kUncounted};
  put(address, block);
  // Of all blocks: whether a chosen one is temporary does not depend on which
  // others are chosen.
  writers_[writer].last_allocation = address;
  if (!counts) return block;
  if (tracker_ != nullptr) tracker_->birth(address, size, stack, peak_number_);
  add(block, ticks);
  count_birth(size);
  return block;
}

Released HeapModel::release(std::uint64_t address) {
  const std::optional<Block> block = blocks_.take(address);
  if (!block) return Released::Unknown;
  if (!block->is_counted()) return Released::Uncounted;
  if (observer_ != nullptr) observer_->release(address, *block);
  const bool was_temporary = is_temporary(address, *block);
  if (was_temporary) count_temporary(*block);
  if (tracker_ != nullptr) {
    tracker_->death(address, was_temporary, peak_number_);
  }
  count_release(*block);
  return Released::Block;
}

// What the stack holds does not change, so that sync() may wait.
bool HeapModel::come_and_go(const Passing& block) {
  if (live_bytes_ + block.size > peak_bytes_ || block.stack >= uses_.size() ||
      tracker_ != nullptr || observer_ != nullptr ||
      blocks_.contains(block.address)) {
    return false;
  }
  writers_[block.writer].last_allocation = block.address;
  count_birth(block.size);
  ++totals_.releases;
  totals_.bytes_released += block.size;
  ++totals_.temporary;
  StackUse& use = uses_[block.stack];
  ++use.allocations;
  use.bytes_allocated += block.size;
  ++use.temporary;
  use.own_peak_bytes =
      std::max(use.own_peak_bytes, use.live_bytes + block.size);
  use.own_peak_blocks = std::max(use.own_peak_blocks, use.live_blocks + 1);
  const OriginId origin = scopes_.origin(block.writer);
  if (groups_ != nullptr) {
    groups_->add(block.stack, block.size, block.ticks,
                 [&] { return scopes_.innermost(origin); });
    groups_->subtract(block.stack, block.size);
  }
  scopes_.birth(origin, block.stack, block.size, peak_number_);
  scopes_.death(origin, block.stack, block.size, peak_number_);
  return true;
}

void HeapModel::begin_reallocation(std::uint32_t writer,
                                   std::uint64_t address) {
  Transit transit{address, blocks_.take(address), false, transits_++, 0};
  if (transit.block) {
    transit.is_temporary = is_temporary(address, *transit.block);
    const bool is_counted = transit.block->is_counted();
    if (tracker_ != nullptr && is_counted) {
      tracker_->begin_transit(address, transit.number);
    }
    if (observer_ != nullptr && is_counted) {
      transit.ticket = observer_->begin_move(address, *transit.block);
    }
  }
  writers_[writer].transits.push_back(transit);
}

Released HeapModel::end_reallocation(std::uint32_t writer,
                                     std::uint64_t address, std::uint64_t size,
                                     StackId stack, std::uint64_t ticks,
                                     bool counts) {
  std::vector<Transit>& transits = writers_[writer].transits;
  // Without its begin, which a torn segment may have held, nothing is known of
  // the old block; that damage is counted where it was found.
  const bool has_begin = !transits.empty();
  Transit old{0, std::nullopt, false, ~std::uint64_t{0}, 0};
  if (has_begin) {
    old = transits.back();
    transits.pop_back();
  }
  if (address == 0 && size != 0) {
    if (counts) ++totals_.failed;
    // It was live throughout, so the counters know it; and nobody else can
    // have got its address.
    if (old.block) put_back(old);
    return Released::Nothing;
  }
  if (old.block) {
    if (address != 0 && counts) ++totals_.reallocations;
    finish_transit(old.number, *old.block, address == 0 && old.is_temporary);
  }
  Block block;
  if (address != 0) block = bear(writer, address, size, stack, ticks, counts);
  if (observer_ != nullptr) tell_of_move(old, {address, block, ticks});
  if (!has_begin) return Released::Nothing;
  if (!old.block) return Released::Unknown;
  return old.block->is_counted() ? Released::Block : Released::Uncounted;
}

// From a block that does not count to one that does it is a birth, and the
// other way round a release.
void HeapModel::tell_of_move(const Transit& old,
                             const HeapObserver::Place& place) {
  const bool was_there = old.block && old.block->is_counted();
  const bool is_there = place.address != 0 && place.block.is_counted();
  if (was_there && is_there) {
    observer_->end_move(old.ticket, *old.block, place);
  } else if (was_there) {
    observer_->release_moving(old.ticket, *old.block);
  } else if (is_there) {
    observer_->allocate(place);
  }
}

// The realloc has got so far that its old block is no more.
void HeapModel::finish_transit(std::uint64_t number, const Block& block,
                               bool is_temporary) {
  if (!block.is_counted()) return;
  if (is_temporary) count_temporary(block);
  if (tracker_ != nullptr) {
    tracker_->death_in_transit(number, is_temporary, peak_number_);
  }
  count_release(block);
}

void HeapModel::finish(Profile& profile) && {
  end_transits();
  if (scopes_.is_used()) {
    blocks_.each([this](std::uint64_t, const Block& block) {
      if (!block.is_counted()) return;
      scopes_.remain(block.origin, block.stack, block.size);
    });
  }
  if (tracker_ != nullptr) tracker_->finish(peak_number_);
  uses_.resize(profile.stacks.size());
  synced_.resize(profile.stacks.size());
  for (StackId stack = 0; stack < uses_.size(); ++stack) sync(stack);
  profile.uses = std::move(uses_);
  profile.totals = totals_;
  profile.peak.bytes = peak_bytes_;
  profile.peak.blocks = peak_blocks_;
  profile.leaked_bytes = live_bytes_;
  profile.leaked_blocks = live_blocks_;
  profile.sizes = sizes_;
  profile.anomalies.duplicate_blocks = duplicates_;
}

// The program ended inside of reallocs.  Their blocks live on, unless another
// one was born in the same place: then the call had got that far.  That one may
// be in transit as well, so the last to begin has its address first.
void HeapModel::end_transits() {
  std::vector<Transit> open;
  for (const WriterState& writer : writers_) {
    std::copy_if(writer.transits.begin(), writer.transits.end(),
                 std::back_inserter(open), [](const Transit& transit) {
                   return transit.block.has_value();
                 });
  }
  std::sort(open.begin(), open.end(), [](const Transit& a, const Transit& b) {
    return a.number > b.number;
  });
  for (const Transit& transit : open) {
    if (!blocks_.contains(transit.address)) {
      put_back(transit);
      continue;
    }
    finish_transit(transit.number, *transit.block, /*is_temporary=*/false);
    if (observer_ != nullptr) tell_of_move(transit, {});
  }
}

// The realloc did nothing, as far as is known.
void HeapModel::put_back(const Transit& transit) {
  put(transit.address, *transit.block);
  if (!transit.block->is_counted()) return;
  if (tracker_ != nullptr) {
    tracker_->end_transit(transit.number, transit.address);
  }
  if (observer_ != nullptr) {
    observer_->cancel_move(transit.ticket, transit.address, *transit.block);
  }
}

// ------------------------------------------------------------------ counters
//
// Inline, which -O2 does not do by itself: every event passes through half of
// them.

// Into the table only.  A block that was live there can not be any more; no
// release was recorded for it.
inline void HeapModel::put(std::uint64_t address, const Block& block) {
  const auto [slot, is_new] = blocks_.try_put(address, block);
  if (is_new) return;
  ++duplicates_;
  if (slot->is_counted()) {
    if (observer_ != nullptr) observer_->release(address, *slot);
    if (tracker_ != nullptr) tracker_->lose(address, peak_number_);
    subtract(*slot);
  }
  *slot = block;
}

inline void HeapModel::count_birth(std::uint64_t size) {
  ++totals_.allocations;
  totals_.bytes_allocated += size;
  SizeBucket& bucket = sizes_[static_cast<std::size_t>(std::bit_width(size))];
  ++bucket.allocations;
  bucket.bytes += size;
}

inline void HeapModel::count_release(const Block& block) {
  ++totals_.releases;
  totals_.bytes_released += block.size;
  subtract(block);
}

inline void HeapModel::count_temporary(const Block& block) {
  ++totals_.temporary;
  ++uses_[block.stack].temporary;
}

inline void HeapModel::subtract(const Block& block) {
  live_bytes_ -= block.size;
  --live_blocks_;
  sync(block.stack);
  StackUse& use = uses_[block.stack];
  use.live_bytes -= block.size;
  --use.live_blocks;
  if (groups_ != nullptr) groups_->subtract(block.stack, block.size);
  scopes_.death(block.origin, block.stack, block.size, peak_number_);
}

inline void HeapModel::add(const Block& block, std::uint64_t ticks) {
  if (block.stack >= uses_.size()) {
    uses_.resize(block.stack + std::size_t{1});
    synced_.resize(block.stack + std::size_t{1});
  }
  sync(block.stack);
  StackUse& use = uses_[block.stack];
  ++use.allocations;
  use.bytes_allocated += block.size;
  use.live_bytes += block.size;
  ++use.live_blocks;
  use.own_peak_bytes = std::max(use.own_peak_bytes, use.live_bytes);
  use.own_peak_blocks = std::max(use.own_peak_blocks, use.live_blocks);
  if (groups_ != nullptr) {
    groups_->add(block.stack, block.size, ticks,
                 [&] { return scopes_.innermost(block.origin); });
  }
  scopes_.birth(block.origin, block.stack, block.size, peak_number_);
  live_bytes_ += block.size;
  ++live_blocks_;
  // Only above: of several moments at one height the first is the peak.
  if (live_bytes_ > peak_bytes_) {
    peak_bytes_ = live_bytes_;
    peak_blocks_ = live_blocks_;
    peak_ticks_ = ticks;
    ++peak_number_;
  }
}

// What the stack holds now is what it held at the last peak, if it did not
// change since.  To be called before it changes.
inline void HeapModel::sync(StackId stack) {
  if (synced_[stack] == peak_number_) return;
  synced_[stack] = peak_number_;
  StackUse& use = uses_[stack];
  use.peak_bytes = use.live_bytes;
  use.peak_blocks = use.live_blocks;
}

}  // namespace sagemem::model
