// SPDX-License-Identifier: Apache-2.0
//
// Which writer has last recorded something about an address: a table of slots,
// each for all addresses that fall into it.  What it is for, and why it may be
// wrong in one direction only: event_order.h.
//
//   address  ---- hash ---->  slot:  0           nobody yet
//                                    n           writer n, until another one
//                                                takes it: the reign of n
//                                    kEverybody  given up, for good
//
// A slot changes hands with one compare-and-swap and is otherwise only read.
// Neighbouring addresses fall into one slot or into neighbouring ones, because
// what a thread uses lies close together: 16 slots of a cache line stand for a
// KiB of heap.  The arenas of threads begin at multiples of 64 MiB (glibc) or
// other powers of two, and are sent apart by the multiplier.
//
// 512 KiB that the kernel hands out page by page, as far as they are touched.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sagemem {

class AddressOwners {
 public:
  static constexpr std::uint32_t kEverybody = ~std::uint32_t{0};

  // Writer `number` was the last one at `address`.
  [[nodiscard]] bool is_of(std::uint64_t address,
                           std::uint32_t number) const noexcept {
    // Relaxed: see event_order.h for what orders it.
    return slots_[slot(address)].load(std::memory_order_relaxed) == number;
  }

  // Begins the reign of `number`, unless it is already, or the slot is
  // everybody's.
  void take(std::uint64_t address, std::uint32_t number) noexcept {
    std::atomic<std::uint32_t>& owner = slots_[slot(address)];
    std::uint32_t now = owner.load(std::memory_order_relaxed);
    if (now == number || now == kEverybody) return;
    // Sequentially consistent: it has happened, for all processors, before this
    // one goes on.  When it fails another writer was first; the caller finds
    // out when it looks again.
    owner.compare_exchange_strong(now, number);
  }

  // The reign that take() found or began has not ended, or there are none.
  [[nodiscard]] bool holds(std::uint64_t address,
                           std::uint32_t number) const noexcept {
    const std::uint32_t now =
        slots_[slot(address)].load(std::memory_order_relaxed);
    return now == number || now == kEverybody;
  }

  // From now on every event in the slot is stamped.
  void give_up(std::uint64_t address) noexcept {
    slots_[slot(address)].store(kEverybody);
  }

  static constexpr unsigned kSlotBits = 17;

  static constexpr std::size_t slot(std::uint64_t address) noexcept {
    // A slot for each 64 bytes, give or take a few, and 81 007 (prime, and
    // kSlots by the golden ratio) further on for each 64 MiB.
    constexpr std::uint64_t multiplier =
        (std::uint64_t{1} << (64 - kSlotBits - kGranuleBits)) +
        (std::uint64_t{81007} << (64 - kSlotBits - kArenaBits));
    return static_cast<std::size_t>(address * multiplier >> (64 - kSlotBits));
  }

 private:
  static constexpr unsigned kGranuleBits = 6;
  static constexpr unsigned kArenaBits = 26;

  std::atomic<std::uint32_t> slots_[std::size_t{1} << kSlotBits];
};

extern constinit AddressOwners g_owners;

}  // namespace sagemem
