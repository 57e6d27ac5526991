// SPDX-License-Identifier: Apache-2.0
//
// The greater part of what capture() is called for, in one piece: some inner
// frames are new, their rules are plain and known, and so were those of the
// stack before.  Part of the unwinder; a header so that it becomes one function
// with what writes the record (Recorder::on_inner_block()).
//
// Hazard: nothing may have changed when it says no.  capture() then begins from
// the same kept stack.
#pragma once

#include "capture/unwind_words.h"
#include "capture/verified_unwinder.h"

namespace sagemem {

// The same walk as walk_plain(), meets(), first_changed_frame() and take_back()
// make; walked_ is filled from walked_[FrameCodes::kMax - 1] down.
[[gnu::always_inline]] inline bool VerifiedUnwinder::walk_inner(
    const CallPoint& point, FrameCodes& codes, InnerWalk& walk) noexcept {
  const Frame* kept = last_.top;
  // Equal only if there is a last stack, and no CFA of it comes from an fp.
  if (last_.words != kept) [[unlikely]]
    return false;
  std::uint64_t pc = point.pc;
  std::uint64_t sp = point.sp;
  Frame* walked = &walked_[FrameCodes::kMax];
  for (;;) {
    while (kept->sp < sp) --kept;
    if (kept->sp == sp && kept->pc == pc) {
      // What lies before the frames is none; pc is zero if one is met.
      if (kept < &frames_[kBase]) [[unlikely]]
        return false;
      const Word* const changed = first_changed_before(kept);
      if (changed == last_.floor) break;
      if (changed < &frames_[kBase]) [[unlikely]]
        return false;
      // The frames inside of the one that returns elsewhere are right.
      for (; kept != changed + 1; --kept) {
        if (!codes.add(kept->pc)) [[unlikely]]
          return false;
        *--walked = *kept;
      }
      pc = kept->pc;
      sp = kept->sp;
      --kept;
    }
    // A pc of zero has no rule, or one that leads nowhere until codes is full.
    const UnwindRule* rule = rules_.peek(pc);
    if (rule == nullptr || !rule->is_plain() || !codes.add(pc)) [[unlikely]] {
      return false;
    }
    *--walked = {sp, pc};
    sp = offset_by(sp, rule->cfa_offset);
    pc = *word_at(sp - 8);
  }
  walk.kept = static_cast<std::uint32_t>(kept + 1 - &frames_[kBase]);
  walk.walked = walked;
  return walk.kept + codes.count() <= kMaxFrames;
}

// What walk_inner() has found is the last stack.
[[gnu::always_inline]] inline StackDelta VerifiedUnwinder::accept_inner(
    const InnerWalk& walk, std::uint32_t count) noexcept {
  Frame* place = &frames_[walk.kept + kBase];
  const Frame* walked = walk.walked;
  const Frame* const end = walked + count;
  while (walked != end) *place++ = *walked++;
  const StackDelta delta{&frames_[kBase], walk.kept + count, walk.kept,
                         recorded_};
  depth_ = delta.depth;
  kept_ = delta.depth;
  recorded_ = delta.depth;
  linked_ = std::min(linked_, walk.kept);
  last_.top = place - 1;
  last_.words = last_.top;
  return delta;
}

}  // namespace sagemem
