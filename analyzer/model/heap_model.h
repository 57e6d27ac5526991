// SPDX-License-Identifier: Apache-2.0
//
// The heap as the events change it: what is live, who holds it, how high it
// went.  Every operation is O(1), and memory is in proportion to live blocks
// and distinct stacks.
//
// What each stack held at the global peak comes out of the same pass.  A peak
// is a moment; noting every stack's value at every new peak would cost a scan.
// Instead peaks are numbered, and a counter is brought up to date just before
// it changes for the first time after a peak:
//
//   event            live A  live B   peak    A at peak      B at peak
//   A allocates 10      10       0    10 #1
//   B allocates  5      10       5    15 #2
//   A releases  10       0       5    15 #2   10 (as of #2)  not touched
//   end                                                       5 (as of #2)
//
// realloc holds its old block in transit between its two records: it left the
// table, because its address may be born again elsewhere, but it is live until
// the call is known to have succeeded.  Transits nest: a signal handler may
// reallocate while a realloc of the same thread is under way.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/block_table.h"
#include "model/block_tracker.h"
#include "model/group_counters.h"
#include "model/heap_observer.h"
#include "model/profile.h"
#include "model/scope_model.h"
#include "model/stack_tree.h"

namespace sagemem::model {

// What a release, or the releasing half of a realloc, found at the address.
enum class Released : std::uint8_t {
  Block,
  Uncounted,  // a block that does not count
  Nothing,    // nothing was asked for: a failed realloc, or half of one
  Unknown,    // no block was live there
};

class HeapModel {
 public:
  // `groups`, `tracker` and `observer`, where given, are told of every block
  // that counts when it comes or goes.  `max_resident`: see BlockTable.
  HeapModel(std::size_t writers, ScopeModel& scopes, GroupCounters* groups,
            BlockTracker* tracker = nullptr, HeapObserver* observer = nullptr,
            std::uint64_t max_resident = BlockTable::kUnbounded)
      : scopes_(scopes),
        groups_(groups),
        tracker_(tracker),
        observer_(observer),
        blocks_(max_resident),
        writers_(writers) {}

  // A block that does not count is only followed.
  void allocate(std::uint32_t writer, std::uint64_t address, std::uint64_t size,
                StackId stack, std::uint64_t ticks, bool counts);
  Released release(std::uint64_t address);
  struct Passing {
    std::uint32_t writer;
    std::uint64_t address;
    std::uint64_t size;
    StackId stack;
    std::uint64_t ticks;
  };
  // A block that counts and that its thread releases before anything else
  // happens.  False, and nothing done: that would change more than sums.
  bool come_and_go(const Passing& block);
  void begin_reallocation(std::uint32_t writer, std::uint64_t address);
  // The call returned `address`; 0: the old block lives on, or was released
  // when the size is 0 too.
  Released end_reallocation(std::uint32_t writer, std::uint64_t address,
                            std::uint64_t size, StackId stack,
                            std::uint64_t ticks, bool counts);
  void fail() { ++totals_.failed; }
  // The writer's records are another thread's from now on.
  void change_thread(std::uint32_t writer) {
    writers_[writer].last_allocation = 0;
  }

  // An event with this address comes soon.  Always inline: see BlockTable.
  [[gnu::always_inline]] void prefetch(std::uint64_t address) const {
    blocks_.prefetch(address);
  }
  // So many that their counters are not in a cache anyway.
  [[nodiscard]] bool has_many_stacks() const { return uses_.size() > 4096; }
  // An event of a block of this stack comes soon; or of the one at the address.
  [[gnu::always_inline]] void prefetch_use(StackId stack) const {
    if (stack >= uses_.size()) return;
    const StackUse& use = uses_[stack];
    __builtin_prefetch(&use, 1);
    __builtin_prefetch(&use.live_blocks, 1);
    __builtin_prefetch(&synced_[stack], 1);
  }
  [[gnu::always_inline]] void prefetch_use_of(std::uint64_t address) const {
    const Block* const block = blocks_.find(address);
    if (block != nullptr) prefetch_use(block->stack);
  }
  // To be called every now and then.
  void keep_bound() { blocks_.trim(); }

  [[nodiscard]] std::uint64_t live_bytes() const { return live_bytes_; }
  // So far.
  [[nodiscard]] const Totals& totals() const { return totals_; }
  // Number and time of the global peak so far.
  [[nodiscard]] std::uint64_t peak_number() const { return peak_number_; }
  [[nodiscard]] std::uint64_t peak_ticks() const { return peak_ticks_; }

  // Visits (address, block) of each that is live, but those in transit.
  template <typename Visit>
  void each_block(const Visit& visit) const {
    blocks_.each(visit);
  }

  // Hands everything over; `profile.stacks` must be complete.
  void finish(Profile& profile) &&;

 private:
  struct Transit {
    std::uint64_t address;
    std::optional<Block> block;  // nothing: it was not live
    // Whether it would count as temporary.  Settled here: its address may be
    // its thread's next allocation before the realloc has returned.
    bool is_temporary;
    std::uint64_t number;  // in order of beginning, over all writers
    HeapObserver::Ticket ticket;
  };
  struct WriterState {
    std::uint64_t last_allocation = 0;  // address; 0: none
    std::vector<Transit> transits;      // innermost last
  };

  void put(std::uint64_t address, const Block& block);
  void put_back(const Transit& transit);
  Block bear(std::uint32_t writer, std::uint64_t address, std::uint64_t size,
             StackId stack, std::uint64_t ticks, bool counts);
  void tell_of_move(const Transit& old, const HeapObserver::Place& place);
  void add(const Block& block, std::uint64_t ticks);
  void subtract(const Block& block);
  void count_birth(std::uint64_t size);
  void count_release(const Block& block);
  void finish_transit(std::uint64_t number, const Block& block,
                      bool is_temporary);
  [[nodiscard]] bool is_temporary(std::uint64_t address,
                                  const Block& block) const {
    if (!block.is_counted()) return false;
    const std::uint32_t writer = scopes_.writer_of(block.origin);
    return writers_[writer].last_allocation == address;
  }
  void count_temporary(const Block& block);
  void end_transits();
  void sync(StackId stack);

  ScopeModel& scopes_;
  GroupCounters* groups_;
  BlockTracker* tracker_;
  HeapObserver* observer_;
  BlockTable blocks_;
  std::vector<WriterState> writers_;
  std::vector<StackUse> uses_;         // by StackId
  std::vector<std::uint64_t> synced_;  // by StackId: the last peak seen
  std::uint64_t live_bytes_ = 0;
  std::uint64_t live_blocks_ = 0;
  std::uint64_t peak_bytes_ = 0;
  std::uint64_t peak_blocks_ = 0;
  std::uint64_t peak_ticks_ = 0;
  std::uint64_t peak_number_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t transits_ = 0;  // ever begun
  Totals totals_;
  std::array<SizeBucket, 65> sizes_{};
};

}  // namespace sagemem::model
