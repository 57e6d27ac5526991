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

// All is inlined into one function for each kind of stack: plain, or linked.

// The kept frame `at` may be met: its state is pc and sp.
template <VerifiedUnwinder::LastStack kind>
[[gnu::always_inline]] inline bool VerifiedUnwinder::can_meet(
    const Frame* at) const noexcept {
  // What lies before the frames is none; pc is zero if one is met.
  if (at < &frames_[kBase]) [[unlikely]]
    return false;
  if constexpr (kind == LastStack::Plain) return true;
  // Outside of all that read the fp, the stack would become plain.
  const auto i = static_cast<std::uint32_t>(at - &frames_[kBase]);
  return links_[i].needs_fp == 0 && i > first_fp_reader_;
}

// The innermost frame from `at` outward that returns elsewhere than it did, or
// nullptr: first_changed_frame().
template <VerifiedUnwinder::LastStack kind>
[[gnu::always_inline]] inline VerifiedUnwinder::Frame*
VerifiedUnwinder::changed_from(Frame* at) noexcept {
  if constexpr (kind == LastStack::Plain) {
    const Word* const changed = first_changed_before(at);
    if (changed == last_.floor) return nullptr;
    return at - (at - changed) + 1;
  } else {
    const Link* link = &links_[static_cast<std::size_t>(at - &frames_[kBase])];
    const Word* const changed = first_changed_before(&words_[link->words]);
    if (changed == last_.floor) return nullptr;
    const auto word = static_cast<std::uint32_t>(changed - words_.data());
    while (link != links_.data() && link[-1].words > word) --link;
    return &frames_[kBase + static_cast<std::size_t>(link - links_.data())];
  }
}

// The same walk as walk_plain(), meets() and take_back() make; walked_ is
// filled from walked_[FrameCodes::kMax - 1] down.
template <VerifiedUnwinder::LastStack kind>
[[gnu::always_inline]] inline bool VerifiedUnwinder::walk_inner(
    const CallPoint& point, FrameCodes& codes, InnerWalk& walk) noexcept {
  Frame* kept = last_.top;
  std::uint64_t pc = point.pc;
  std::uint64_t sp = point.sp;
  Frame* walked = &walked_[FrameCodes::kMax];
  for (;;) {
    while (kept->sp < sp) --kept;
    if (kept->sp == sp && kept->pc == pc) {
      if (!can_meet<kind>(kept)) [[unlikely]]
        return false;
      Frame* const changed = changed_from<kind>(kept);
      if (changed == nullptr) break;
      // The frames inside of it are right.
      for (; kept != changed; --kept) {
        if (!can_meet<kind>(kept) || !codes.add(kept->pc)) [[unlikely]]
          return false;
        *--walked = *kept;
      }
      pc = kept->pc;
      sp = kept->sp;
      --kept;
    }
    // A pc of zero has no rule, or one that leads nowhere until codes is full.
    const UnwindRule* rule = rules_.peek_plain(pc);
    if (rule == nullptr || !codes.add(pc)) [[unlikely]]
      return false;
    *--walked = {sp, pc};
    sp = offset_by(sp, rule->cfa_offset);
    pc = *word_at(sp - 8);
  }
  walk = {kept, walked, &walked_[FrameCodes::kMax]};
  return kept + codes.count() < &frames_[kBase] + kMaxFrames;
}

// The walk has been made before, from the same state over the same words.
template <VerifiedUnwinder::LastStack kind>
[[gnu::always_inline]] inline KnownPath* VerifiedUnwinder::find_path(
    const CallPoint& point, InnerWalk& walk) noexcept {
  std::uint64_t key = KnownPaths::key(point);
  if (paths_.has_caller_in_key()) {
    const UnwindRule* const rule = rules_.peek_plain(point.pc);
    if (rule == nullptr) [[unlikely]]
      return nullptr;
    const std::uint64_t cfa = offset_by(point.sp, rule->cfa_offset);
    key = KnownPaths::key(point, *word_at(cfa - 8));
  }
  KnownPath& path = paths_.at(key);
  const Frame* const end = path.frames.data() + KnownPath::kFrames;
  if (end[-1].pc != point.pc || end[-1].sp != point.sp) return nullptr;
  const Frame* at = path.frames.data();
  Frame* kept = &frames_[kBase + path.first];
  if (kept > last_.top || kept->sp != at->sp || kept->pc != at->pc ||
      !can_meet<kind>(kept)) {
    return nullptr;
  }
  // From the inside outward: see verified_unwinder.h.
#pragma GCC unroll 8
  for (std::uint32_t i = KnownPath::kFrames - 1; i > 0; --i) {
    if (*word_at(at[i - 1].sp - 8) != at[i - 1].pc) return nullptr;
  }
  if (changed_from<kind>(kept) != nullptr) return nullptr;
  paths_.note_known();
  // Frames of the path that the last stack had as well.
  while (kept != last_.top && at + 1 != end && kept[1].sp == at[1].sp &&
         kept[1].pc == at[1].pc) {
    ++kept;
    ++at;
  }
  walk = {kept, at + 1, end};
  return &path;
}

template <VerifiedUnwinder::LastStack kind>
[[gnu::always_inline]] inline KnownPath* VerifiedUnwinder::keep_path(
    const CallPoint& point) noexcept {
  constexpr std::uint32_t kFrames = KnownPath::kFrames;
  paths_.note_walked();
  if (!paths_.is_worth_it() || depth_ < kFrames) return nullptr;
  const std::uint32_t first = depth_ - kFrames;
  if constexpr (kind == LastStack::Linked) {
    // One word a frame: nothing was read through the fp.
    const Link* const links = &links_[first];
    if (links[kFrames - 1].words - links->words != kFrames - 1) return nullptr;
    for (std::uint32_t i = 0; i < kFrames; ++i) {
      if (links[i].needs_fp != 0) return nullptr;
    }
  }
  const std::uint64_t key =
      paths_.has_caller_in_key()
          ? KnownPaths::key(point, frames_[kBase + depth_ - 2].pc)
          : KnownPaths::key(point);
  KnownPath& path = paths_.at(key);
  std::copy_n(&frames_[kBase + first], kFrames, path.frames.begin());
  path.first = first;
  return &path;
}

// What was found is the last stack.
template <VerifiedUnwinder::LastStack kind>
[[gnu::always_inline]] inline StackDelta VerifiedUnwinder::accept_inner(
    const InnerWalk& walk) noexcept {
  const std::uint32_t count = walk.count();
  const auto pop = static_cast<std::uint32_t>(last_.top - walk.kept);
  Frame* top = walk.kept;
  const Frame* walked = walk.walked;
  const Frame* const end = walk.end;
  depth_ = recorded_ + count - pop;
  kept_ = depth_;
  recorded_ = depth_;
  if constexpr (kind == LastStack::Plain) {
    linked_ = 0;
    while (walked != end) *++top = *walked++;
    last_.words = top;
  } else {
    // As link() does where no outer CFA comes from the fp.
    linked_ = depth_;
    Link* link = &links_[static_cast<std::size_t>(top - &frames_[kBase])];
    std::uint32_t words = link->words;
    while (walked != end) {
      words_[words++] = *top;
      *++link = {0, words, 0};
      *++top = *walked++;
    }
    last_.words = &words_[words];
    last_.fp_mask = 0;
  }
  last_.top = top;
  return {walk.kept, 1 + count, 1, 1 + pop};
}

}  // namespace sagemem
