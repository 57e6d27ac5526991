// SPDX-License-Identifier: Apache-2.0
//
// Between the heap model and an observer: keeps what is known of each block
// from its birth on, which the heap model's own table has no room for.
//
// A block is found by its address, or, while its realloc is under way, by the
// number of that transit: its address may have been born again by then.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>

#include "model/block_observer.h"

namespace sagemem::model {

class BlockTracker {
 public:
  explicit BlockTracker(BlockObserver& observer) : observer_(observer) {}

  // The event that is to be applied now.
  void begin_event(std::int64_t time_ns, std::uint32_t thread) {
    observer_.advance(time_ns);
    time_ns_ = time_ns;
    thread_ = thread;
  }

  // Known better than at its begin.
  void set_thread(std::uint32_t thread) { thread_ = thread; }

  void birth(std::uint64_t address, std::uint64_t size, StackId stack,
             std::uint64_t peak_number);
  void begin_transit(std::uint64_t address, std::uint64_t number);
  // Its realloc failed.
  void end_transit(std::uint64_t number, std::uint64_t address);
  void death(std::uint64_t address, bool is_temporary,
             std::uint64_t peak_number);
  void death_in_transit(std::uint64_t number, bool is_temporary,
                        std::uint64_t peak_number);
  // Another one was born at its address.
  void lose(std::uint64_t address, std::uint64_t peak_number);

  void begin_scope(ScopeId scope) { observer_.begin_scope(scope); }
  void end_scope(ScopeId scope) { observer_.end_scope(scope); }
  void finish(std::uint64_t peak_number);

 private:
  using Lives = tsl::robin_map<std::uint64_t, Life>;

  void end(Lives& lives, std::uint64_t key, bool is_temporary, bool was_lost,
           std::uint64_t peak_number);

  BlockObserver& observer_;
  Lives live_;     // by address
  Lives transit_;  // by number of the transit
  std::int64_t time_ns_ = 0;
  std::uint32_t thread_ = kNoThread;
  std::uint64_t born_bytes_ = 0;
  std::uint64_t born_ = 0;
};

}  // namespace sagemem::model
