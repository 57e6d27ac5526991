// SPDX-License-Identifier: Apache-2.0
//
// The inner frames of stacks that were walked lately, by where they begin. Most
// programs allocate from the same places in turn: then no rule is needed to see
// a stack again, and the words that led from each frame to the next are
// compared one after the other, where a walk has to wait for each before it can
// look for the next.
//
// Exact for the reason that verified_unwinder.h gives: from the same program
// counter and stack pointer, over the same words, unwinding comes to the same
// frame.  Only paths on which no frame pointer is read are kept.
//
// Hazard: as for the rules.  clear() when modules have come or gone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "capture/call_point.h"
#include "encode/frame_codes.h"
#include "encode/stack_delta.h"

namespace sagemem {

struct KnownPath {
  static constexpr std::uint32_t kFrames = LastCodes::kMax;

  // Outermost first: the last one is the call point.
  std::array<StackFrame, kFrames> frames;
  std::uint32_t first;  // which frame of the stack frames[0] was
  // Behind path `after` (its number), that many frames stayed from frames[0]
  // on; `after` 0: not known.
  std::uint32_t shared;
  std::uint64_t after;
  std::uint64_t number;  // a new one whenever the frames change
  LastCodes codes;       // of the innermost of them
};

class KnownPaths {
 public:
  [[nodiscard]] KnownPath& at(const CallPoint& point) noexcept {
    // 2^64 / golden ratio: multiplicative hashing, Knuth TAOCP 3, 6.4.
    return paths_[(point.pc + point.sp) * 0x9e3779b97f4a7c15 >> (64 - kBits)];
  }

  [[nodiscard]] std::uint64_t next_number() noexcept { return ++numbers_; }

  void clear() noexcept {
    for (KnownPath& path : paths_) {
      StackFrame& call_point = path.frames.back();
      // Pages that were never used stay so.
      if (call_point.pc != 0) call_point.pc = 0;
    }
  }

 private:
  static constexpr unsigned kBits = 8;

  std::uint64_t numbers_;
  // No initialisers: in zeroed pages, see RuleCache.
  std::array<KnownPath, 1u << kBits> paths_;
};

}  // namespace sagemem
