// SPDX-License-Identifier: Apache-2.0
//
// The single steps of the verified unwinder, from a frame to its caller: all
// but the run over plain frames, which is in verified_unwinder.cpp.
#include <ucontext.h>

#include "capture/unwind_words.h"
#include "capture/verified_unwinder.h"
#include "platform/careful_read.h"

namespace sagemem {

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

namespace {

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

// The fp in the frame that is, or will be, walked_[`walked`]; also notes those
// of the frames inside of it.
std::uint64_t VerifiedUnwinder::fp_of(std::uint32_t walked,
                                      ModuleTable& modules) noexcept {
  for (; fp_known_ < walked; ++fp_known_) {
    const Frame& at = walked_[fp_known_];
    walked_fps_[fp_known_] = fp_;
    const UnwindRule rule = rule_for(at.pc, modules);
    if (rule.fp_saved == FpSaved::Not) continue;
    std::uint64_t cfa =
        offset_by(rule.cfa_base == CfaBase::Sp ? at.sp : fp_, rule.cfa_offset);
    if (rule.cfa_base == CfaBase::WordAtFp) cfa = *word_at(cfa);
    fp_ = *word_at(saved_fp_address(rule, cfa, fp_));
  }
  return fp_;
}

// `rule` is that of the last walked frame, whose state is `state`.
VerifiedUnwinder::StepResult VerifiedUnwinder::step(
    Frame& state, const UnwindRule& rule, ModuleTable& modules) noexcept {
  if (rule.is_plain() && !saw_signal_) [[likely]] {
    const std::uint64_t cfa = offset_by(state.sp, rule.cfa_offset);
    const std::uint64_t pc = *word_at(cfa - 8);
    if (pc == 0) {
      end_at(word_at(cfa - 8));
      return StepResult::Last;
    }
    state = {cfa, pc};
    return StepResult::Stepped;
  }
  std::uint64_t fp = fp_of(walked_count_ - 1, modules);
  walked_fps_[walked_count_ - 1] = fp;
  saw_fp_reader_ |= rule.reads_fp();
  switch (rule.kind) {
    case RuleKind::Plain:
    case RuleKind::Step: {
      const StepResult result = step_by_fp(state, rule, fp);
      if (result == StepResult::Stepped) start_with(fp);
      return result;
    }
    case RuleKind::Last:
      end_at(nullptr);
      return StepResult::Last;
    case RuleKind::Signal:
      if (!step_over_signal(state.pc, state.sp, fp)) {
        return StepResult::Foreign;
      }
      start_with(fp);
      return StepResult::Stepped;
    case RuleKind::Foreign:
      return StepResult::Foreign;
    default:
      return StepResult::Unknown;
  }
}

VerifiedUnwinder::StepResult VerifiedUnwinder::step_by_fp(
    Frame& state, const UnwindRule& rule, std::uint64_t& fp) noexcept {
  // Unwind information is made for frames that wait for a call.  Where it is
  // wrong for the instructions in between, as in old or hand-written code, the
  // interrupted frame and all outside of it are elsewhere.
  if (saw_signal_) return step_carefully(state, fp, rule);
  std::uint64_t cfa =
      offset_by(rule.cfa_base == CfaBase::Sp ? state.sp : fp, rule.cfa_offset);
  if (rule.cfa_base == CfaBase::WordAtFp) cfa = *word_at(cfa);
  // Stacks grow down: anything else is not what the rules were written for.
  if (cfa <= state.sp || cfa % 8 != 0) return StepResult::Foreign;
  const std::uint64_t pc = *word_at(cfa - 8);
  if (pc == 0) {
    end_at(nullptr);
    return StepResult::Last;
  }
  if (rule.fp_saved != FpSaved::Not) {
    fp = *word_at(saved_fp_address(rule, cfa, fp));
  }
  state = {cfa, pc};
  return StepResult::Stepped;
}

// The outermost frame is such because the return address at `zero` is zero,
// which must stay so, or because its rule says so (nullptr).
void VerifiedUnwinder::end_at(const std::uint64_t* zero) noexcept {
  has_zero_ = zero != nullptr;
  frames_[kEnd] = has_zero_ ? word_of(zero, 0) : frames_[kNoWord];
}

// From a frame without unwind information outward.  Frames with information
// are walked by it again; frames of generated code keep the chain as a rule.
CaptureResult VerifiedUnwinder::walk_by_frame_pointers(
    Frame state, ModuleTable& modules) noexcept {
  std::uint64_t fp = fp_of(walked_count_ - 1, modules);
  for (;;) {
    std::uint64_t words[2];
    if (fp < state.sp || fp % 8 != 0 || !read_carefully(fp, words) ||
        words[1] == 0) {
      return CaptureResult::Guessed;
    }
    state = {fp + 16, words[1]};
    fp = words[0];
    for (;;) {
      if (walked_count_ == kMaxFrames) return CaptureResult::Guessed;
      const UnwindRule rule =
          find_rule(modules, state.pc, FrameKind::WaitsForReturn);
      walked_[walked_count_++] = state;
      if (rule.kind == RuleKind::Unknown) break;
      // The state is a guess, and so is where a rule would read.
      if (!rule.is_step() ||
          step_carefully(state, fp, rule) != StepResult::Stepped) {
        return CaptureResult::Guessed;
      }
    }
  }
}

// A step from a state that may be wrong.  Unknown: there is nothing to read.
VerifiedUnwinder::StepResult VerifiedUnwinder::step_carefully(
    Frame& state, std::uint64_t& fp, const UnwindRule& rule) noexcept {
  std::uint64_t cfa =
      offset_by(rule.cfa_base == CfaBase::Sp ? state.sp : fp, rule.cfa_offset);
  if (rule.cfa_base == CfaBase::WordAtFp && !read_carefully(cfa, cfa)) {
    return StepResult::Unknown;
  }
  std::uint64_t pc = 0;
  if (cfa <= state.sp || cfa % 8 != 0 || !read_carefully(cfa - 8, pc)) {
    return StepResult::Unknown;
  }
  if (pc == 0) return StepResult::Last;
  if (rule.fp_saved != FpSaved::Not &&
      !read_carefully(saved_fp_address(rule, cfa, fp), fp)) {
    return StepResult::Unknown;
  }
  state = {cfa, pc};
  return StepResult::Stepped;
}

}  // namespace sagemem
