// SPDX-License-Identifier: Apache-2.0
#include "capture/verified_unwinder.h"

#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>

#include "capture/libunwind_stack.h"
#include "capture/module_table.h"
#include "platform/system_call.h"

namespace sagemem {

namespace {

const std::uint64_t* word_at(std::uint64_t address) noexcept {
  return reinterpret_cast<const std::uint64_t*>(address);
}

std::uint64_t offset_by(std::uint64_t address, std::int64_t offset) noexcept {
  return address + static_cast<std::uint64_t>(offset);
}

std::uint64_t saved_fp_address(const UnwindRule& rule, std::uint64_t cfa,
                               std::uint64_t fp) noexcept {
  return offset_by(rule.fp_saved == FpSaved::AtCfa ? cfa : fp,
                   std::int64_t{rule.fp_words} * 8);
}

// Reads two words that may not be there: the kernel says so instead of a
// SIGSEGV in the target.
bool read_carefully(std::uint64_t address, std::uint64_t (&out)[2]) noexcept {
  const iovec local{out, sizeof out};
  const iovec remote{reinterpret_cast<void*>(address), sizeof out};
  return system_call(SYS_process_vm_readv, system_call(SYS_getpid), &local, 1L,
                     &remote, 1L, 0L) == static_cast<long>(sizeof out);
}

UnwindRule find_rule(ModuleTable& modules, std::uint64_t pc,
                     FrameKind kind) noexcept {
  std::uint64_t header = 0;
  if (!modules.resolve(pc, header)) return UnwindRule{};
  const UnwindRule rule = read_unwind_rule(header, pc, kind);
  if (rule.kind != RuleKind::Unknown) return rule;
  // Nobody called from here if this is the first byte of a function: it was
  // put there to be returned to, like makecontext's last stop.
  return read_unwind_rule(header, pc, FrameKind::Interrupted);
}

// From the return trampoline, whose stack pointer is at the context that the
// kernel has saved (rt_sigframe, arch/x86/kernel/signal.c), to the interrupted
// frame.
bool step_over_signal(std::uint64_t& pc, std::uint64_t& sp,
                      std::uint64_t& fp) noexcept {
#if defined(__x86_64__)
  const auto* context = reinterpret_cast<const ucontext_t*>(sp);
  const auto& registers = context->uc_mcontext.gregs;
  pc = static_cast<std::uint64_t>(registers[REG_RIP]);
  sp = static_cast<std::uint64_t>(registers[REG_RSP]);
  fp = static_cast<std::uint64_t>(registers[REG_RBP]);
  return true;
#else
  static_cast<void>(pc);
  static_cast<void>(sp);
  static_cast<void>(fp);
  return false;
#endif
}

}  // namespace

CaptureResult VerifiedUnwinder::capture_changed(const CallPoint& point,
                                                ModuleTable& modules,
                                                StackDelta& delta) noexcept {
  const std::uint32_t generation = modules.generation();
  if (generation != generation_) [[unlikely]] {
    rules_.clear();
    kept_ = 0;
    generation_ = generation;
  }
  walked_count_ = 0;
  saw_signal_ = false;
  CaptureResult result = walk({point.pc, point.sp, point.fp}, modules);
  if (result == CaptureResult::Verified) [[likely]] {
    const std::uint32_t base = kept_;
    keep_walked();
    // The words of a signal frame are the kernel's to change.
    if (saw_signal_) [[unlikely]]
      kept_ = base;
  } else if (result == CaptureResult::Walked) {
    result = walk_whole(point, modules);
  } else {
    // Not to be built upon: the stack is written, and nothing kept of it.
    kept_ = 0;
    keep_walked();
    kept_ = 0;
  }
  delta = {pcs_.data(), depth_, same_, recorded_};
  return result;
}

// Walks new frames into walked_ until they meet a kept frame behind which all
// is unchanged, or to the end.  kept_ is then the number of frames that stay.
CaptureResult VerifiedUnwinder::walk(State state,
                                     ModuleTable& modules) noexcept {
  bool is_interrupted = false;
  for (;;) {
    if (!is_interrupted && meets(state)) {
      const Word* changed = first_changed_word();
      if (changed == nullptr) [[likely]]
        return CaptureResult::Verified;
      if (!take_back(frame_of(changed), state)) return CaptureResult::Truncated;
    }
    if (kept_ + walked_count_ == kMaxFrames) {
      // Not seen whole: what was kept does not help, the innermost count.
      if (kept_ == 0) return CaptureResult::Truncated;
      kept_ = 0;
    }
    const UnwindRule rule =
        is_interrupted
            ? find_rule(modules, state.pc, FrameKind::Interrupted)
            : rules_.get(state.pc, [&](std::uint64_t pc) {
                return find_rule(modules, pc, FrameKind::WaitsForReturn);
              });
    is_interrupted = rule.kind == RuleKind::Signal;
    saw_signal_ |= is_interrupted;
    walked_[walked_count_++] = {state, rule};
    switch (step(state, rule)) {
      case StepResult::Stepped:
        break;
      case StepResult::Last:
        kept_ = 0;
        return CaptureResult::Verified;
      case StepResult::Foreign:
        if (may_call_loader()) return CaptureResult::Walked;
        [[fallthrough]];
      case StepResult::Unknown:
        return walk_by_frame_pointers(state, modules);
    }
  }
}

// `state` is that of a kept frame.  Kept frames inside of it are gone.
bool VerifiedUnwinder::meets(const State& state) noexcept {
  while (kept_ > 0 && frames_[kept_ - 1].sp < state.sp) --kept_;
  if (kept_ == 0) return false;
  const Frame& frame = frames_[kept_ - 1];
  return frame.sp == state.sp && pcs_[kept_ - 1] == state.pc &&
         (!frame.needs_fp || frame.fp == state.fp);
}

// The kept frame that `word` belongs to.
std::uint32_t VerifiedUnwinder::frame_of(const Word* word) const noexcept {
  const auto index = static_cast<std::uint32_t>(word - words_.data());
  const auto* frame = std::upper_bound(
      frames_.data(), frames_.data() + kept_, index,
      [](std::uint32_t i, const Frame& f) { return i < f.words; });
  return static_cast<std::uint32_t>(frame - frames_.data());
}

// Frame `changed` returns elsewhere than it did.  The kept frames inside of it
// become walked ones, and walking goes on from it.
bool VerifiedUnwinder::take_back(std::uint32_t changed, State& state) noexcept {
  if (walked_count_ + (kept_ - changed) > kMaxFrames) return false;
  std::uint64_t fp = state.fp;
  for (std::uint32_t i = kept_ - 1; i > changed; --i) {
    const Frame& frame = frames_[i];
    walked_[walked_count_++] = {{pcs_[i], frame.sp, fp}, frame.rule};
    if (frame.rule.fp_saved != FpSaved::Not) {
      fp = *word_at(saved_fp_address(frame.rule, frames_[i - 1].sp, fp));
    }
  }
  state = {pcs_[changed], frames_[changed].sp, fp};
  kept_ = changed;
  return true;
}

VerifiedUnwinder::StepResult VerifiedUnwinder::step(
    State& state, const UnwindRule& rule) noexcept {
  if (rule.kind != RuleKind::Step) [[unlikely]] {
    switch (rule.kind) {
      case RuleKind::Last:
        return StepResult::Last;
      case RuleKind::Signal:
        return step_over_signal(state.pc, state.sp, state.fp)
                   ? StepResult::Stepped
                   : StepResult::Foreign;
      case RuleKind::Foreign:
        return StepResult::Foreign;
      default:
        return StepResult::Unknown;
    }
  }
  std::uint64_t cfa = offset_by(
      rule.cfa_base == CfaBase::Sp ? state.sp : state.fp, rule.cfa_offset);
  if (rule.cfa_base == CfaBase::WordAtFp) cfa = *word_at(cfa);
  // Stacks grow down: anything else is not what the rules were written for.
  if (cfa <= state.sp || cfa % 8 != 0) return StepResult::Foreign;
  const std::uint64_t pc = *word_at(cfa - 8);
  if (pc == 0) return StepResult::Last;
  if (rule.fp_saved != FpSaved::Not) {
    state.fp = *word_at(saved_fp_address(rule, cfa, state.fp));
  }
  state.pc = pc;
  state.sp = cfa;
  return StepResult::Stepped;
}

// From a frame without unwind information outward.  Frames with information
// are walked by it again; frames of generated code keep the chain as a rule.
CaptureResult VerifiedUnwinder::walk_by_frame_pointers(
    State state, ModuleTable& modules) noexcept {
  for (;;) {
    std::uint64_t words[2];
    if (state.fp < state.sp || state.fp % 8 != 0 ||
        !read_carefully(state.fp, words) || words[1] == 0) {
      return CaptureResult::Guessed;
    }
    state = {words[1], state.fp + 16, words[0]};
    for (;;) {
      if (walked_count_ == kMaxFrames) return CaptureResult::Guessed;
      const UnwindRule rule =
          find_rule(modules, state.pc, FrameKind::WaitsForReturn);
      walked_[walked_count_++] = {state, rule};
      std::uint64_t words_there[2];
      // The state is a guess, and so is where a rule would read.
      if (rule.kind != RuleKind::Step ||
          !read_carefully(state.sp, words_there)) {
        if (rule.kind == RuleKind::Unknown) break;
        return CaptureResult::Guessed;
      }
      if (!step_carefully(state, rule)) return CaptureResult::Guessed;
    }
  }
}

// step() with a state that may be wrong.
bool VerifiedUnwinder::step_carefully(State& state,
                                      const UnwindRule& rule) noexcept {
  std::uint64_t words[2];
  std::uint64_t cfa = offset_by(
      rule.cfa_base == CfaBase::Sp ? state.sp : state.fp, rule.cfa_offset);
  if (rule.cfa_base == CfaBase::WordAtFp) {
    if (!read_carefully(cfa, words)) return false;
    cfa = words[0];
  }
  if (cfa <= state.sp || cfa % 8 != 0 || !read_carefully(cfa - 8, words)) {
    return false;
  }
  const std::uint64_t pc = words[0];
  if (pc == 0) return false;
  if (rule.fp_saved != FpSaved::Not) {
    if (!read_carefully(saved_fp_address(rule, cfa, state.fp), words)) {
      return false;
    }
    state.fp = words[0];
  }
  state.pc = pc;
  state.sp = cfa;
  return true;
}

// Puts the walked frames on top of the kept ones.
void VerifiedUnwinder::keep_walked() noexcept {
  same_ = std::min(kept_, recorded_);
  std::uint32_t index = kept_;
  for (std::uint32_t i = walked_count_; i-- > 0; ++index) {
    const Walked& walked = walked_[i];
    if (same_ == index && index < recorded_ && pcs_[index] == walked.state.pc) {
      ++same_;
    }
    pcs_[index] = walked.state.pc;
    Frame& frame = frames_[index];
    const bool outer_needs_fp = index > 0 && frames_[index - 1].needs_fp;
    frame.sp = walked.state.sp;
    frame.fp = walked.state.fp;
    frame.rule = walked.rule;
    frame.needs_fp = walked.rule.reads_fp() ||
                     (walked.rule.fp_saved == FpSaved::Not && outer_needs_fp);
    frame.words = index > 0 ? frames_[index - 1].words : 0;
    if (index > 0) {
      add_words(frame, frames_[index - 1].sp, pcs_[index - 1],
                &frames_[index - 1]);
    } else if (frame.rule.kind == RuleKind::Step &&
               frame.rule.cfa_base == CfaBase::Sp) {
      // Outermost because its return address is zero, which must stay so.
      add_words(frame, offset_by(frame.sp, frame.rule.cfa_offset), 0, nullptr);
    }
  }
  depth_ = kept_ = index;
}

// The words that the step from `frame` to `outer` has read, as far as what
// follows depends on them.
void VerifiedUnwinder::add_words(Frame& frame, std::uint64_t cfa,
                                 std::uint64_t outer_pc,
                                 const Frame* outer) noexcept {
  const UnwindRule& rule = frame.rule;
  Word* out = &words_[frame.words];
  if (rule.fp_saved != FpSaved::Not && outer != nullptr && outer->needs_fp) {
    *out++ = {word_at(saved_fp_address(rule, cfa, frame.fp)), outer->fp};
  }
  if (rule.cfa_base == CfaBase::WordAtFp) {
    *out++ = {word_at(offset_by(frame.fp, rule.cfa_offset)), cfa};
  }
  *out++ = {word_at(cfa - 8), outer_pc};
  frame.words = static_cast<std::uint32_t>(out - words_.data());
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
    if (same_ == i && i < recorded_ && pcs_[i] == pc) ++same_;
    pcs_[i] = pc;
  }
  depth_ = depth;
  kept_ = 0;
  return walked == WalkResult::Complete    ? CaptureResult::Walked
         : walked == WalkResult::Truncated ? CaptureResult::Truncated
                                           : CaptureResult::Failed;
}

}  // namespace sagemem
