// SPDX-License-Identifier: Apache-2.0
//
// Who watches the blocks of a replay one by one: for the questions that have to
// see each of them go from its birth to its end, and not only sums.
//
// A realloc has two records, and other threads may be given the old address in
// between.  So a block that moves is taken off its address at the first and
// has no more than a ticket, which the observer chose, until the second:
//
//   begin_move(0x1000) -> ticket     allocate(0x1000), of another thread
//   end_move(ticket, 0x3000)
//
// Hazard: every call has to be cheap, for there are hundreds of millions.
#pragma once

#include <cstdint>

#include "decode/tick_clock.h"
#include "model/block.h"
#include "model/scopes.h"

namespace sagemem::model {

class ScopeModel;

class HeapObserver {
 public:
  using Ticket = std::uint64_t;
  struct Place {
    std::uint64_t address = 0;
    Block block;
    std::uint64_t ticks = 0;
  };
  struct Resident {
    std::uint64_t bytes = 0;
    std::uint64_t shared_bytes = 0;
    std::uint64_t ticks = 0;
  };

  HeapObserver() = default;
  HeapObserver(const HeapObserver&) = delete;
  HeapObserver& operator=(const HeapObserver&) = delete;
  virtual ~HeapObserver() = default;

  // Before the first event; both outlive the replay's last call.
  virtual void start(const ScopeModel& scopes, const decode::TickClock& clock) {
    static_cast<void>(scopes);
    static_cast<void>(clock);
  }

  virtual void allocate(const Place& place) = 0;
  virtual void release(std::uint64_t address, const Block& block) = 0;
  virtual Ticket begin_move(std::uint64_t address, const Block& block) {
    static_cast<void>(block);
    return address;
  }
  virtual void end_move(Ticket ticket, const Block& old, const Place& place) {
    release_moving(ticket, old);
    allocate(place);
  }
  // It stays where it was, as it was.
  virtual void cancel_move(Ticket ticket, std::uint64_t address,
                           const Block& block) {
    static_cast<void>(ticket);
    static_cast<void>(address);
    static_cast<void>(block);
  }
  // realloc to nothing.
  virtual void release_moving(Ticket ticket, const Block& block) {
    release(ticket, block);
  }

  // Blocks born in it may be alive; none is born in it any more.
  virtual void close_scope(ScopeId scope) { static_cast<void>(scope); }
  virtual void sample_resident(const Resident& sample) {
    static_cast<void>(sample);
  }
};

}  // namespace sagemem::model
