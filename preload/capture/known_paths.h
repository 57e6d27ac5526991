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
  LastCodes codes;      // of the innermost of them
};

class KnownPaths {
 public:
  [[nodiscard]] KnownPath& at(const CallPoint& point) noexcept {
    // 2^64 / golden ratio: multiplicative hashing, Knuth TAOCP 3, 6.4.
    return paths_[(point.pc + point.sp) * 0x9e3779b97f4a7c15 >> (64 - kBits)];
  }

  // False: so few stacks have been known that looking for them costs more than
  // it saves; for a while.  Where each stack is new, or a function of the
  // program's own stands between all of it and malloc, few are.
  [[nodiscard]] bool is_worth_it() const noexcept { return patience_ > 0; }
  void note_known() noexcept {
    if (patience_ < kPatience) ++patience_;
  }
  void note_walked() noexcept {
    if (patience_ > 0) {
      patience_ -= kPerWalk;
      if (patience_ <= 0) patience_ = -kPause;
    } else if (++patience_ == 0) {
      patience_ = kPatience;
    }
  }

  void clear() noexcept {
    for (KnownPath& path : paths_) {
      StackFrame& call_point = path.frames.back();
      // Pages that were never used stay so.
      if (call_point.pc != 0) call_point.pc = 0;
    }
  }

 private:
  static constexpr unsigned kBits = 8;

  // Two of three are to be known.
  static constexpr std::int32_t kPerWalk = 2;
  static constexpr std::int32_t kPatience = 256;  // as many as there are paths
  static constexpr std::int32_t kPause = 4096;    // walks

  std::int32_t patience_ = kPatience;
  // No initialisers: in zeroed pages, see RuleCache.
  std::array<KnownPath, 1u << kBits> paths_;
};

}  // namespace sagemem
