// SPDX-License-Identifier: Apache-2.0
//
// The blocks that are live at the end, by what still points to them, as the
// leak scan of the recorder saw it (include/sagemem/trace/scan.h).
//
//   root --> A --> B        A and B are still reachable
//            C --> D        C is lost; D is indirectly lost, by C
//            E <-> F        the first of a ring is lost, the others by it
//
// A pointer into the middle of a block counts as one to its beginning: that is
// how containers, bases of classes and arrays with a hidden count are held.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/stack_tree.h"
#include "sagemem/trace/scan.h"

namespace sagemem::model {

enum class LeakClass : std::uint8_t {
  Lost = 0,            // nothing points to it
  IndirectlyLost = 1,  // lost blocks alone do
  Reachable = 2,       // a root does, or a block that is reachable
  NotScanned = 3,      // not known: no scan, an incomplete one, or born after
};
inline constexpr std::size_t kLeakClasses = 4;

struct LeakAmount {
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;

  void add(const LeakAmount& other) {
    blocks += other.blocks;
    bytes += other.bytes;
  }
  friend bool operator==(const LeakAmount&, const LeakAmount&) = default;
};

// Index: LeakClass.
struct LeakAmounts {
  std::array<LeakAmount, kLeakClasses> of_class;

  LeakAmount& operator[](LeakClass which) {
    return of_class[static_cast<std::size_t>(which)];
  }
  const LeakAmount& operator[](LeakClass which) const {
    return of_class[static_cast<std::size_t>(which)];
  }
  void add(const LeakAmounts& other) {
    for (std::size_t i = 0; i < kLeakClasses; ++i)
      of_class[i].add(other.of_class[i]);
  }
};

// What the recorder says of its scan.
struct ScanFacts {
  // Nothing: asked for, and not ended.
  std::optional<trace::ScanOutcome> outcome;
  // All records are there, and make sense.
  bool is_whole = false;
  std::uint64_t records = 0;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint64_t unread_bytes = 0;
  std::uint64_t elapsed_ns = 0;
  std::uint64_t threads = 0;
  std::uint64_t missed_threads = 0;

  // What was found to be pointed to by nothing is so.
  [[nodiscard]] bool is_complete() const {
    return is_whole && outcome == trace::ScanOutcome::Complete;
  }
};

// Blocks of `stack` that are lost because blocks of `leader` are.
struct IndirectLeak {
  StackId leader = kRootStack;
  StackId stack = kRootStack;
  LeakAmount amount;
};

struct LeakClasses {
  ScanFacts scan;
  LeakAmounts total;
  std::vector<LeakAmounts>
      stacks;  // index: StackId; adds up to StackUse::live_
  std::vector<IndirectLeak> indirect;  // by leader and stack
};

}  // namespace sagemem::model
