// SPDX-License-Identifier: Apache-2.0
#include "capture/verified_unwinder.h"

#include <algorithm>

#include "capture/libunwind_stack.h"
#include "capture/module_table.h"
#include "capture/unwind_words.h"

namespace sagemem {

namespace {

// Where a word points that is never what it was.
constexpr std::uint64_t kOne = 1;

}  // namespace

VerifiedUnwinder::VerifiedUnwinder() noexcept
    : last_{&frames_[kFurthest], nullptr, nullptr, 0, 0} {
  frames_[kFurthest] = {UINT64_MAX, 0};
  frames_[kNoWord] = word_of(&kOne, 0);
  frames_[kEnd] = word_of(&kOne, 0);
  words_[0] = word_of(&kOne, 0);
}

void VerifiedUnwinder::accept() noexcept {
  recorded_ = depth_;
  if (kept_ != depth_ || kept_ == 0) [[unlikely]] {
    forget_last();
    return;
  }
  last_.top = &frames_[kept_ + kBase - 1];
  if (is_plain()) [[likely]] {
    last_.words = last_.top;
    last_.floor = floor();
    last_.fp_mask = 0;
    return;
  }
  const Link& link = links_[kept_ - 1];
  last_.words = &words_[link.words];
  last_.floor = words_.data();
  last_.fp = link.fp;
  last_.fp_mask = link.needs_fp != 0 ? UINT64_MAX : 0;
}

CaptureResult VerifiedUnwinder::capture(const CallPoint& point,
                                        ModuleTable& modules) noexcept {
  follow_modules(point.pc, modules);
  walked_count_ = 0;
  saw_signal_ = false;
  saw_fp_reader_ = false;
  CaptureResult result = walk(point, modules);
  if (result == CaptureResult::Walked) [[unlikely]] {
    result = walk_whole(point, modules);
  } else {
    // What is no result of exact rules is not built upon, nor what lies inside
    // of a signal frame: its words are the kernel's to change.
    const bool is_exact = result == CaptureResult::Verified;
    if (!is_exact) [[unlikely]]
      keep(0);
    const std::uint32_t base = kept_;
    show_walked();
    if (!is_exact || saw_signal_) [[unlikely]] {
      keep(base);
    } else {
      kept_ = depth_;
      if (!is_plain() || saw_fp_reader_) link_frames(base, modules);
    }
  }
  return result;
}

CaptureResult VerifiedUnwinder::capture_uncached(
    const CallPoint& point, ModuleTable& modules) noexcept {
  saw_signal_ = false;
  return walk_whole(point, modules);
}

// Forgets what was known when libraries have come or gone.
void VerifiedUnwinder::follow_modules(std::uint64_t caller,
                                      ModuleTable& modules) noexcept {
  const bool in_loader = modules.is_of_loader(caller);
  if (in_loader) [[unlikely]]
    modules.expect_change();
  std::uint32_t generation = modules.generation();
  if (generation == generation_) [[likely]]
    return;
  if (generation % 2 != 0) generation = modules.settle(in_loader);
  // Odd: the loader is at work, and the next stack will ask again.
  generation &= ~1u;
  if (generation == generation_) return;
  rules_.clear();
  paths_.clear();
  keep(0);
  generation_ = generation;
}

UnwindRule VerifiedUnwinder::rule_for(std::uint64_t pc,
                                      ModuleTable& modules) noexcept {
  return rules_.get(pc, [&](std::uint64_t missed) {
    return find_rule(modules, missed, FrameKind::WaitsForReturn);
  });
}

// Only the `count` outermost of the kept frames stay.
void VerifiedUnwinder::keep(std::uint32_t count) noexcept {
  kept_ = count;
  linked_ = std::min(linked_, count);
  if (first_fp_reader_ >= count) first_fp_reader_ = kNoFrame;
}

// The greater part of walk(): plain rules that are known.  Ends where a kept
// frame has the same state, and before a frame that is anything else.  Local
// variables, not members: a member would be written back at every step.
void VerifiedUnwinder::walk_plain(Frame& state) noexcept {
  std::uint64_t pc = state.pc;
  std::uint64_t sp = state.sp;
  const Frame* kept = &frames_[kept_ + kBase - 1];
  Frame* walked = &walked_[walked_count_];
  // The sum of both must stay below kMaxFrames.
  const Frame* const end = walked_.data() + kMaxFrames - kept_;
  for (;;) {
    while (kept->sp < sp) --kept;
    if (kept->sp == sp && kept->pc == pc) break;
    const UnwindRule* rule = rules_.peek_plain(pc);
    if (rule == nullptr || walked == end) break;
    const std::uint64_t cfa = offset_by(sp, rule->cfa_offset);
    const std::uint64_t outer_pc = *word_at(cfa - 8);
    if (outer_pc == 0) break;
    *walked++ = {sp, pc};
    pc = outer_pc;
    sp = cfa;
  }
  state = {sp, pc};
  walked_count_ = static_cast<std::uint32_t>(walked - walked_.data());
  const auto left = static_cast<std::uint32_t>(
      std::max<std::ptrdiff_t>(kept + 1 - &frames_[kBase], 0));
  if (left != kept_) keep(left);
}

void VerifiedUnwinder::drop_inside_of(const Frame& state) noexcept {
  std::uint32_t count = kept_;
  while (count > 0 && frame(count - 1).sp < state.sp) --count;
  keep(count);
}

// Walks new frames into walked_ until they meet a kept frame behind which all
// is unchanged, or to the end.  kept_ is then the number of frames that stay.
CaptureResult VerifiedUnwinder::walk(const CallPoint& point,
                                     ModuleTable& modules) noexcept {
  Frame state{point.sp, point.pc};
  start_with(point.fp);
  bool is_interrupted = false;
  for (;;) {
    if (!is_interrupted) [[likely]] {
      saw_signal_ ? drop_inside_of(state) : walk_plain(state);
      if (meets(state, modules)) {
        const std::uint32_t changed = first_changed_frame();
        if (changed == kNoFrame) [[likely]]
          return CaptureResult::Verified;
        if (!take_back(changed, state, modules)) {
          return CaptureResult::Truncated;
        }
        continue;
      }
    }
    if (kept_ + walked_count_ >= kMaxFrames) [[unlikely]] {
      // Not seen whole: what was kept does not help, the innermost count.
      if (kept_ == 0) return CaptureResult::Truncated;
      keep(0);
    }
    const UnwindRule rule =
        is_interrupted ? find_rule(modules, state.pc, FrameKind::Interrupted)
                       : rule_for(state.pc, modules);
    walked_[walked_count_++] = state;
    is_interrupted = rule.kind == RuleKind::Signal;
    saw_signal_ |= is_interrupted;
    switch (step(state, rule, modules)) {
      case StepResult::Stepped:
        break;
      case StepResult::Last:
        keep(0);
        return CaptureResult::Verified;
      case StepResult::Foreign:
        if (may_call_loader()) return CaptureResult::Walked;
        [[fallthrough]];
      case StepResult::Unknown:
        return walk_by_frame_pointers(state, modules);
    }
  }
}

// `state` is that of the innermost kept frame.
bool VerifiedUnwinder::meets(const Frame& state,
                             ModuleTable& modules) noexcept {
  if (kept_ == 0) return false;
  const Frame& kept = frame(kept_ - 1);
  if (kept.sp != state.sp || kept.pc != state.pc) return false;
  if (is_plain()) return true;
  const Link& link = links_[kept_ - 1];
  return link.needs_fp == 0 || link.fp == fp_of(walked_count_, modules);
}

// The innermost kept frame that returns elsewhere than it did, or kNoFrame.
std::uint32_t VerifiedUnwinder::first_changed_frame() const noexcept {
  if (is_plain()) [[likely]] {
    const Word* changed = first_changed_before(&frame(kept_ - 1));
    if (changed == floor()) return kNoFrame;
    // The word is the outer frame's.
    return static_cast<std::uint32_t>(changed + 1 - &frame(0));
  }
  const Word* changed = first_changed_before(&words_[links_[kept_ - 1].words]);
  const auto word = static_cast<std::uint32_t>(changed - words_.data());
  if (word == 0) return kNoFrame;
  std::uint32_t i = kept_ - 1;
  while (i > 0 && links_[i - 1].words > word) --i;
  return i;
}

// The frame pointer is followed only as far as some CFA comes from it: most
// code uses it as one more register, and then its saved value need not be read.
void VerifiedUnwinder::start_with(std::uint64_t fp) noexcept {
  fp_known_ = walked_count_;
  fp_ = fp;
}

// Frame `changed` returns elsewhere than it did.  The kept frames inside of it
// become walked ones, and walking goes on from it.
bool VerifiedUnwinder::take_back(std::uint32_t changed, Frame& state,
                                 ModuleTable& modules) noexcept {
  if (walked_count_ + (kept_ - changed) > kMaxFrames) return false;
  for (std::uint32_t i = kept_ - 1; i > changed; --i) {
    walked_[walked_count_++] = frame(i);
  }
  if (!is_plain()) {
    fp_of(walked_count_, modules);  // notes them
    saw_fp_reader_ = true;
  }
  state = frame(changed);
  keep(changed);
  return true;
}

// Puts the walked frames on top of the kept ones.
void VerifiedUnwinder::show_walked() noexcept {
  same_ = std::min(kept_, recorded_);
  const Frame* const first = walked_.data();
  const Frame* walked = first + walked_count_;
  Frame* place = &frames_[kept_ + kBase];
  depth_ = kept_ + walked_count_;
  // Nothing kept, but the reader may have the same outer frames all the same.
  if (kept_ == 0) [[unlikely]] {
    while (walked != first && same_ < recorded_ && place->pc == walked[-1].pc) {
      *place++ = *--walked;
      ++same_;
    }
  }
  while (walked != first) *place++ = *--walked;
}

// Fills in links_ and words_ for the kept frames; from `first_new` on they were
// just walked.
void VerifiedUnwinder::link_frames(std::uint32_t first_new,
                                   ModuleTable& modules) noexcept {
  for (std::uint32_t i = linked_; i < kept_; ++i) {
    // A frame from before that has no link is outside of all that read the fp.
    if (i < first_new) {
      link(i, UnwindRule{}, 0);
      continue;
    }
    const UnwindRule rule = rule_for(frame(i).pc, modules);
    if (rule.reads_fp() && is_plain()) first_fp_reader_ = i;
    link(i, rule, walked_fps_[kept_ - 1 - i]);
  }
  linked_ = kept_;
}

// The words that the step from frame `i` to the one outside of it has read, as
// far as what follows depends on them.
void VerifiedUnwinder::link(std::uint32_t i, const UnwindRule& rule,
                            std::uint64_t fp) noexcept {
  std::uint32_t end = 1;
  bool outer_needs_fp = false;
  if (i == 0) {
    if (has_zero_) words_[end++] = frames_[kEnd];
  } else {
    const Link& outer = links_[i - 1];
    const std::uint64_t cfa = frame(i - 1).sp;
    end = outer.words;
    outer_needs_fp = outer.needs_fp != 0;
    if (rule.fp_saved != FpSaved::Not && outer_needs_fp) {
      words_[end++] =
          word_of(word_at(saved_fp_address(rule, cfa, fp)), outer.fp);
    }
    if (rule.cfa_base == CfaBase::WordAtFp) {
      words_[end++] = word_of(word_at(offset_by(fp, rule.cfa_offset)), cfa);
    }
    words_[end++] = frame(i - 1);
  }
  const bool needs_fp =
      rule.reads_fp() || (rule.fp_saved == FpSaved::Not && outer_needs_fp);
  links_[i] = {fp, end, needs_fp ? 1u : 0u};
}

bool VerifiedUnwinder::is_outermost(std::uint64_t pc,
                                    ModuleTable& modules) noexcept {
  const RuleKind kind = find_rule(modules, pc, FrameKind::WaitsForReturn).kind;
#if defined(__x86_64__)
  return kind == RuleKind::Last;
#else
  return kind != RuleKind::Unknown;  // there are no rules to tell
#endif
}

// libunwind's answer, turned round; nothing of it can be verified later.
CaptureResult VerifiedUnwinder::walk_whole(const CallPoint& point,
                                           ModuleTable& modules) noexcept {
  auto* frames = reinterpret_cast<std::uint64_t*>(walked_.data());
  std::uint32_t depth = 0;
  const WalkResult walked =
      walk_with_libunwind(point.pc, frames, kMaxFrames, depth);
  same_ = 0;
  for (std::uint32_t i = 0; i < depth; ++i) {
    const std::uint64_t pc = frames[depth - 1 - i];
    std::uint64_t header = 0;
    modules.resolve(pc, header);  // announces it
    Frame& place = frames_[i + kBase];
    if (same_ == i && i < recorded_ && place.pc == pc) ++same_;
    place = {0, pc};
  }
  depth_ = depth;
  keep(0);
  if (walked == WalkResult::Truncated) return CaptureResult::Truncated;
  if (walked == WalkResult::Failed) return CaptureResult::Failed;
  // libunwind does not say whether it has come to the end or to nowhere, and is
  // not always right about interrupted frames: see libunwind_stack.cpp.
  return saw_signal_ || !is_outermost(frames[depth - 1], modules)
             ? CaptureResult::Guessed
             : CaptureResult::Walked;
}

}  // namespace sagemem
