// SPDX-License-Identifier: Apache-2.0
//
// Which events need a time stamp, so that the reader can put those of all
// threads in one order that is true for every address: born, gone, born, gone.
//
// The reader merges the writers by stamp; an event without one bears the stamp
// before it of the same writer, and the events of one writer keep their order.
// A reading of the clock (Clock::ticks()) comes after all that its thread did
// before and before all that it does after.  Let `time` be the stamp that an
// event bears; it was read in the event or before it.
//
// Alone.  While one writer records alone (gate.h), its events need no stamps
// for the sake of order.  The epochs, and the times at which one writer
// claims the gate, follow each other; call each a rule.  Every event looks at
// the gate after its time was read, and finds the rule that it is of still
// there; and the first event of a writer in a rule is stamped after the rule
// has begun.  So the time of every event lies within the rule, and the events
// of different rules are in order.
//
// Several.  The same once more, within an epoch, for each slot of the table of
// owners (address_owners.h): the reigns of a slot follow each other.  An event
// looks at the slot of its address, after its time was read, and finds itself
// the owner; and who becomes the owner reads the clock after that.  So
//
//     begin of the reign < time of each of its events < begin of the next
//
// and in a reign all events are of one writer.  Hence the order of all events
// in a slot is that of their looks at it, whoever else shares the slot: what
// collides costs stamps, never order.  And for one address the looks are in the
// order of the events, because an allocation looks after the real call and a
// release before it: the allocator, or the program, hands a block over in a way
// that orders memory.  Examples:
//
//   A births X            bears a stamp of before; A's reign
//   B frees X             is not the owner: takes X, stamped, later
//   B births X again      B's reign: bears that stamp, or a later one
//   A frees its X         no stamp; B births X: takes it, stamped, later
//   B owns Y in the same slot since t, A births X: takes it, stamped, > t
//
// Who is not done at once (the slot or the gate changed hands between the
// reading and the second look) tries again.  After kTries the slot is given up:
// all its events are stamped from then on, each after its look at the slot,
// and the block's way orders the looks.  The gate is tried for ever: it changes
// at most as often as another thread has got on.
//
// Stale owners.  A writer that records alone does not look at the table, a fork
// child has a copy of its parent's, and a recycled writer goes on as the owner
// of what its last thread had.  The first two: whoever is the owner by the
// table begins a reign with its first event of the epoch, which is stamped.
// The last: the new thread's events stand behind the last thread's.
//
// What is left open is how the unstamped events of one thread lie among those
// of another at other addresses: the reader says how much that is
// (analyzer/model/order_bound.h).
//
// Discarded: a stamp for each event (18 to 25 ns a reading on virtual machines,
// twice what the rest costs); letting the reader sort by births and deaths
// alone (a graph of all events, and no time for any of them); a Lamport clock
// in each slot (a store an event, to lines that threads share).
#pragma once

#include <cstdint>

#include "session/address_owners.h"
#include "session/gate.h"

namespace sagemem {

// What a writer knows of its place among others.
struct OrderPass {
  std::uint32_t number = 0;  // of the writer
  std::uint64_t alone = 0;   // the gate's word when it is alone
  // The gate's word in the rule that the writer's last stamp is of: events may
  // do without a stamp as long as the gate says the same.
  std::uint64_t current = Gate::kNoPass;
  bool stamps_always = false;  // but for when it is alone
};

class EventOrder {
 public:
  static constexpr std::uint64_t kNoStamp = 0;
  static constexpr std::uint64_t kNoAddress = 0;

  EventOrder(Gate& gate, AddressOwners& owners) noexcept
      : gate_(gate), owners_(owners) {}

  // The stamp that puts the event in order; kNoStamp if it needs none and none
  // is wanted.  `read_ticks`: as Clock::ticks().
  template <typename ReadTicks>
  std::uint64_t settle(OrderPass& pass, std::uint64_t address, bool wants_stamp,
                       ReadTicks read_ticks) noexcept {
    for (int tries = 0;; ++tries) {
      const std::uint64_t word = gate_.word();
      const bool is_alone = word == pass.alone;
      if (!is_alone && !Gate::is_shared(word)) {
        if (!Gate::is_alone(word)) return read_ticks();  // recording has ended
        gate_.share();
        continue;
      }
      const bool has_slot =
          !is_alone && !pass.stamps_always && address != kNoAddress;
      if (!wants_stamp && word == pass.current &&
          (!has_slot || owners_.is_of(address, pass.number))) {
        return kNoStamp;
      }
      const std::uint64_t ticks =
          has_slot ? read_as_owner(pass, address, tries >= kTries, read_ticks)
                   : read_ticks();
      if (ticks == kNoStamp || !gate_.is_open_to(word)) continue;
      pass.current = is_alone || !pass.stamps_always ? word : Gate::kNoPass;
      return ticks;
    }
  }

 private:
  static constexpr int kTries = 4;

  // kNoStamp: the slot has changed hands meanwhile.
  template <typename ReadTicks>
  std::uint64_t read_as_owner(const OrderPass& pass, std::uint64_t address,
                              bool gives_up, ReadTicks read_ticks) noexcept {
    if (gives_up) {
      owners_.give_up(address);
    } else {
      owners_.take(address, pass.number);
    }
    const std::uint64_t ticks = read_ticks();
    return owners_.holds(address, pass.number) ? ticks : kNoStamp;
  }

  Gate& gate_;
  AddressOwners& owners_;
};

}  // namespace sagemem
