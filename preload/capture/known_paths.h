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
  // `key`: of the innermost frame, and of its caller if has_caller_in_key().
  [[nodiscard]] KnownPath& at(std::uint64_t key) noexcept {
    // 2^64 / golden ratio: multiplicative hashing, Knuth TAOCP 3, 6.4.
    return paths_[key * 0x9e3779b97f4a7c15 >> (64 - kBits)];
  }
  [[nodiscard]] static std::uint64_t key(const CallPoint& point) noexcept {
    return point.pc + point.sp;
  }
  [[nodiscard]] static std::uint64_t key(const CallPoint& point,
                                         std::uint64_t caller) noexcept {
    return (point.pc + point.sp) * 3 + caller;
  }
  // The innermost frame alone tells too few paths from each other: where a
  // function of the program's own stands between all of it and malloc.  Then
  // its caller is in the key as well; that costs a rule and a look at the
  // stack, so it comes second.
  [[nodiscard]] bool has_caller_in_key() const noexcept {
    return has_caller_in_key_;
  }

  // False: so few stacks have been known that looking for them costs more than
  // it saves; for a while.  Where each stack is new, few are.
  [[nodiscard]] bool is_worth_it() const noexcept { return patience_ > 0; }
  void note_known() noexcept {
    if (patience_ < kPatience) ++patience_;
  }
  void note_walked() noexcept {
    if (patience_ > 0) {
      patience_ -= kPerWalk;
      if (patience_ <= 0) [[unlikely]]
        look_otherwise();
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
  // The other key is tried before the pause.
  void look_otherwise() noexcept {
    patience_ = has_caller_in_key_ ? -kPause : kPatience;
    has_caller_in_key_ = !has_caller_in_key_;
  }

  static constexpr unsigned kBits = 8;

  // Two of three are to be known.
  static constexpr std::int32_t kPerWalk = 2;
  static constexpr std::int32_t kPatience = 256;  // as many as there are paths
  static constexpr std::int32_t kPause = 4096;    // walks

  std::int32_t patience_ = kPatience;
  bool has_caller_in_key_ = false;
  // No initialisers: in zeroed pages, see RuleCache.
  std::array<KnownPath, 1u << kBits> paths_;
};

}  // namespace sagemem
