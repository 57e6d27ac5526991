// SPDX-License-Identifier: Apache-2.0
//
// Exact full call stacks at a fraction of the cost of unwinding them.
//
// Per thread the last stack is kept, frame by frame, with every memory word
// that unwinding it has read.  For the next event only the new inner frames
// are walked, until one meets a kept frame; from there outward the words are
// compared with memory.  If none has changed, the rest of the stack is the
// same:
//
//     kept                      now
//     malloc's caller  pc sp    pc' sp'     walked by rule
//     build_tree       pc sp    pc' sp'     walked by rule
//     construct        pc sp == pc  sp      junction: same state
//     main             words ok             verified
//     _start           words ok             verified
//
// Why this is exact.  Unwinding is a pure function of (pc, sp, fp), the words
// that it reads, and the rules.  If the junction's state equals the kept one
// and every word read from there outward is unchanged, every later state is
// the same, by induction.  Nothing is assumed about what the program did in
// between.  What the induction needs:
//
//   - the junction compares the fp too, if an outer frame's CFA comes from it
//     (needs_fp);
//   - the words include the saved-fp words that such a CFA comes from;
//   - words are compared from the inside outward, so only live stack is read;
//   - rules and frames are forgotten when modules have come or gone.
//
// What has no rule is left to libunwind as a whole, and nothing is kept.
//
// When a word has changed at some frame, the frames inside of it are right and
// walking goes on from it.  Its fp is then computed afresh through the inner
// frames: the kept one was not verified if no outer frame needed it.
#pragma once

#include <array>
#include <cstdint>

#include "capture/call_point.h"
#include "capture/eh_frame.h"
#include "capture/module_table.h"
#include "capture/rule_cache.h"
#include "encode/stack_delta.h"

namespace sagemem {

// How a stack was had; counted by the caller.
enum class CaptureResult : std::uint8_t {
  Verified,
  Walked,     // by libunwind
  Truncated,  // deeper than kMaxFrames
  Failed,     // only the caller's own frame is known
  Guessed,    // a frame without unwind information: by the chain of frame
              // pointers from there outward, which may skip frames
};

class VerifiedUnwinder {
 public:
  // The stack at `point`, as the difference to the last one that accept() was
  // called for.  Modules that it leads through are announced.
  CaptureResult capture(const CallPoint& point, ModuleTable& modules,
                        StackDelta& delta) noexcept {
    // By far the most frequent: a loop that allocates.
    if (is_last_again(point, modules)) [[likely]] {
      delta = {pcs_.data(), depth_, recorded_, recorded_};
      return CaptureResult::Verified;
    }
    return capture_changed(point, modules, delta);
  }

  // The difference has been written: the next one counts from here.
  void accept() noexcept { recorded_ = depth_; }

  // The trace goes on in a new segment, and its reader knows no stack: the
  // stack of the last capture() as a whole.
  StackDelta restart() noexcept {
    recorded_ = 0;
    return {pcs_.data(), depth_, 0, 0};
  }

 private:
  // A frame that is being executed or waits for its callee's return.
  struct State {
    std::uint64_t pc;
    std::uint64_t sp;
    std::uint64_t fp;
  };
  // What was kept of a frame beside its pc.  The caller's sp is the next
  // outer frame's.
  struct Frame {
    std::uint64_t sp;
    std::uint64_t fp;
    UnwindRule rule;
    bool needs_fp;
    std::uint32_t words;  // words_ up to and including this frame's
  };
  struct Word {
    const std::uint64_t* address;
    std::uint64_t value;
  };
  struct Walked {
    State state;
    UnwindRule rule;
  };
  enum class StepResult : std::uint8_t { Stepped, Last, Foreign, Unknown };

  [[nodiscard]] bool is_last_again(const CallPoint& point,
                                   const ModuleTable& modules) const noexcept;
  CaptureResult capture_changed(const CallPoint& point, ModuleTable& modules,
                                StackDelta& delta) noexcept;
  CaptureResult walk(State state, ModuleTable& modules) noexcept;
  CaptureResult walk_by_frame_pointers(State state,
                                       ModuleTable& modules) noexcept;
  CaptureResult walk_whole(const CallPoint& point,
                           ModuleTable& modules) noexcept;
  bool meets(const State& state) noexcept;
  [[nodiscard]] const Word* first_changed_word() const noexcept;
  [[nodiscard]] std::uint32_t frame_of(const Word* word) const noexcept;
  bool take_back(std::uint32_t changed, State& state) noexcept;
  static StepResult step(State& state, const UnwindRule& rule) noexcept;
  static bool step_carefully(State& state, const UnwindRule& rule) noexcept;
  void keep_walked() noexcept;
  void add_words(Frame& frame, std::uint64_t cfa, std::uint64_t outer_pc,
                 const Frame* outer) noexcept;

  // Outermost first.  pcs_[0, depth_) is the stack; [0, kept_) of it has
  // frames_ and words_ to verify; [0, recorded_) is what the reader has.
  std::uint32_t depth_ = 0;
  std::uint32_t kept_ = 0;
  std::uint32_t recorded_ = 0;
  std::uint32_t same_ = 0;  // leading frames that equal the last capture
  std::uint32_t walked_count_ = 0;
  std::uint32_t generation_ = 0;
  bool saw_signal_ = false;
  // No initialisers from here on: in zeroed pages, touched as far as stacks
  // reach.
  RuleCache rules_;
  std::array<std::uint64_t, kMaxFrames> pcs_;
  std::array<Frame, kMaxFrames> frames_;
  // Return address, saved fp, realigned CFA: three a frame at most.
  std::array<Word, 3 * kMaxFrames> words_;
  std::array<Walked, kMaxFrames> walked_;
};

// The innermost word of the kept frames that is not what it was, or nullptr.
inline const VerifiedUnwinder::Word* VerifiedUnwinder::first_changed_word()
    const noexcept {
  const Word* const begin = words_.data();
  const Word* word = begin + frames_[kept_ - 1].words;
#pragma GCC unroll 4
  while (word != begin) {
    --word;
    if (*word->address != word->value) [[unlikely]]
      return word;
  }
  return nullptr;
}

inline bool VerifiedUnwinder::is_last_again(
    const CallPoint& point, const ModuleTable& modules) const noexcept {
  if (kept_ == 0 || kept_ != depth_ || depth_ != recorded_ ||
      modules.generation() != generation_) {
    return false;
  }
  const Frame& top = frames_[kept_ - 1];
  return top.sp == point.sp && pcs_[kept_ - 1] == point.pc &&
         (!top.needs_fp || top.fp == point.fp) &&
         first_changed_word() == nullptr;
}

}  // namespace sagemem
