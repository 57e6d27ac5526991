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

#include <algorithm>
#include <array>
#include <cstdint>

#include "capture/call_point.h"
#include "capture/eh_frame.h"
#include "capture/known_paths.h"
#include "capture/module_table.h"
#include "capture/rule_cache.h"
#include "encode/frame_codes.h"
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
  VerifiedUnwinder() noexcept;

  // The stack at `point` is, frame by frame, that of the last accept(): by far
  // the most frequent case, a loop that allocates.  The modules must not have
  // changed since.
  [[nodiscard]] bool is_last_again(const CallPoint& point) const noexcept {
    return last_.top->sp == point.sp && last_.top->pc == point.pc &&
           ((last_.fp ^ point.fp) & last_.fp_mask) == 0 &&
           first_changed_before(last_.words) == last_.floor;
  }
  // Its frames, for the check build.
  [[nodiscard]] StackDelta last() const noexcept {
    return {&frames_[kBase], depth_, recorded_, recorded_};
  }

  // Takes the stack at `point`.  Modules that it leads through are announced.
  CaptureResult capture(const CallPoint& point, ModuleTable& modules) noexcept;

  // The stack of the last accept(): none, or no CFA of it comes from a frame
  // pointer, or some do.
  enum class LastStack : std::uint8_t { None, Plain, Linked };
  [[nodiscard]] LastStack last_kind() const noexcept {
    if (last_.words == last_.top) return LastStack::Plain;
    return last_.top == &frames_[kFurthest] ? LastStack::None
                                            : LastStack::Linked;
  }

  // The same in the frequent case that only inner frames are new, by plain
  // rules that are known: inner_walk.h.  `kind` must be last_kind().  False:
  // nothing was done, ask capture().
  struct InnerWalk {
    StackFrame* kept;          // the innermost of those that stay
    const StackFrame* walked;  // the new ones, outermost first
    const StackFrame* end;     // and where they end
    [[nodiscard]] std::uint32_t count() const noexcept {
      return static_cast<std::uint32_t>(end - walked);
    }
  };
  // Worth it to try find_path() first.
  [[nodiscard]] bool looks_for_paths() const noexcept {
    return paths_.is_worth_it();
  }
  // Without a rule: the path is known.  nullptr: it is not.
  template <LastStack kind>
  KnownPath* find_path(const CallPoint& point, InnerWalk& walk) noexcept;
  template <LastStack kind>
  bool walk_inner(const CallPoint& point, FrameCodes& codes,
                  InnerWalk& walk) noexcept;
  // As delta() and accept(), after either has said yes; of the frames that
  // stay, the difference has only the innermost.
  template <LastStack kind>
  StackDelta accept_inner(const InnerWalk& walk) noexcept;
  // Where to note the codes of the last stack's path for find_path(); nullptr:
  // it is not one to be known.
  template <LastStack kind>
  KnownPath* keep_path(const CallPoint& point) noexcept;

  // What is kept is of `generation` of the modules.
  [[nodiscard]] bool has_seen(std::uint32_t generation) const noexcept {
    return generation == generation_;
  }

  // The same by libunwind alone, without anything kept.
  CaptureResult capture_uncached(const CallPoint& point,
                                 ModuleTable& modules) noexcept;

  // What was taken, as the difference to the last stack that accept() was
  // called for.
  [[nodiscard]] StackDelta delta() const noexcept {
    return {&frames_[kBase], depth_, same_, recorded_};
  }

  // The difference has been written: the next one counts from here.
  void accept() noexcept;

  // is_last_again() says no until the next accept().
  void forget_last() noexcept { last_.top = &frames_[kFurthest]; }

  // The trace goes on in a new segment, and its reader knows no stack: the
  // stack of the last capture() as a whole.
  StackDelta restart() noexcept {
    forget_last();
    recorded_ = 0;
    return {&frames_[kBase], depth_, 0, 0};
  }

 private:
  using Frame = StackFrame;
  // A word that unwinding has read, in the shape of a frame: `pc` stood at
  // `sp` - 8.  For most frames it is the frame itself, whose pc is the return
  // address that stands just below its sp.
  using Word = StackFrame;

  // What else is kept of a frame when some CFA of the stack comes from a frame
  // pointer.
  struct Link {
    std::uint64_t fp;
    std::uint32_t words;     // end, in words_, of what the step from here read
    std::uint32_t needs_fp;  // an outer CFA comes from this frame's fp
  };
  // What is_last_again() compares.
  struct Last {
    Frame* top;         // &frames_[0], which nothing is equal to: none
    const Word* words;  // end of the words to compare, and what lies before
    const Word* floor;  // the first of them
    std::uint64_t fp;
    std::uint64_t fp_mask;  // all ones: some CFA comes from fp
  };
  enum class StepResult : std::uint8_t { Stepped, Last, Foreign, Unknown };

  // frames_ begins with a frame that is further out than any (where the search
  // for a meeting point ends), a word that is never what it was (where
  // comparing ends), and the zero return address of the outermost frame, if it
  // has one.
  static constexpr std::uint32_t kFurthest = 0;
  static constexpr std::uint32_t kNoWord = 1;
  static constexpr std::uint32_t kEnd = 2;
  static constexpr std::uint32_t kBase = 3;
  static constexpr std::uint32_t kNoFrame = UINT32_MAX;

  void follow_modules(std::uint64_t caller, ModuleTable& modules) noexcept;
  template <LastStack kind>
  [[nodiscard]] bool can_meet(const Frame* at) const noexcept;
  template <LastStack kind>
  [[nodiscard]] Frame* changed_from(Frame* at) noexcept;
  CaptureResult walk(const CallPoint& point, ModuleTable& modules) noexcept;
  void walk_plain(Frame& state) noexcept;
  void drop_inside_of(const Frame& state) noexcept;
  [[gnu::noinline]] CaptureResult walk_by_frame_pointers(
      Frame state, ModuleTable& modules) noexcept;
  [[gnu::noinline]] CaptureResult walk_whole(const CallPoint& point,
                                             ModuleTable& modules) noexcept;
  static bool is_outermost(std::uint64_t pc, ModuleTable& modules) noexcept;
  [[nodiscard]] [[gnu::noinline]] UnwindRule rule_for(
      std::uint64_t pc, ModuleTable& modules) noexcept;
  [[nodiscard]] bool meets(const Frame& state, ModuleTable& modules) noexcept;
  [[nodiscard]] std::uint32_t first_changed_frame() const noexcept;
  bool take_back(std::uint32_t changed, Frame& state,
                 ModuleTable& modules) noexcept;
  [[gnu::noinline]] StepResult step(Frame& state, const UnwindRule& rule,
                                    ModuleTable& modules) noexcept;
  [[gnu::noinline]] StepResult step_by_fp(Frame& state, const UnwindRule& rule,
                                          std::uint64_t& fp) noexcept;
  static StepResult step_carefully(Frame& state, std::uint64_t& fp,
                                   const UnwindRule& rule) noexcept;
  std::uint64_t fp_of(std::uint32_t walked, ModuleTable& modules) noexcept;
  void start_with(std::uint64_t fp) noexcept;
  void end_at(const std::uint64_t* zero) noexcept;
  void keep(std::uint32_t count) noexcept;
  void show_walked() noexcept;
  [[gnu::noinline]] void link_frames(std::uint32_t first_new,
                                     ModuleTable& modules) noexcept;
  void link(std::uint32_t frame, const UnwindRule& rule,
            std::uint64_t fp) noexcept;
  [[nodiscard]] const Word* first_changed_before(
      const Word* end) const noexcept;

  [[nodiscard]] const Frame& frame(std::uint32_t i) const noexcept {
    return frames_[i + kBase];
  }
  // No CFA comes from a frame pointer: the frames are the words to compare.
  [[nodiscard]] bool is_plain() const noexcept {
    return first_fp_reader_ == kNoFrame;
  }
  // The first of those that are compared in frames_.
  [[nodiscard]] const Word* floor() const noexcept {
    return &frames_[has_zero_ ? kNoWord : kEnd];
  }

  Last last_;
  // Outermost first.  Frames [0, depth_) are the stack; [0, kept_) of it can be
  // verified; [0, recorded_) is what the reader has.
  std::uint32_t depth_ = 0;
  std::uint32_t kept_ = 0;
  std::uint32_t recorded_ = 0;
  std::uint32_t same_ = 0;  // leading frames that equal the last capture
  std::uint32_t walked_count_ = 0;
  std::uint32_t first_fp_reader_ = kNoFrame;  // the outermost kept one
  std::uint32_t linked_ = 0;    // [0, linked_) of kept frames have links_
  std::uint32_t fp_known_ = 0;  // walked_[fp_known_]'s frame pointer is fp_
  std::uint64_t fp_ = 0;
  std::uint32_t generation_ = 0;
  bool has_zero_ = false;  // frames_[kEnd] is a word to compare
  bool saw_signal_ = false;
  bool saw_fp_reader_ = false;
  // No initialisers from here on: in zeroed pages, touched as far as stacks
  // reach.
  RuleCache rules_;
  KnownPaths paths_;
  std::array<Frame, kMaxFrames + kBase> frames_;
  std::array<Frame, kMaxFrames> walked_;
  // As far as fp_of() has been asked.
  std::array<std::uint64_t, kMaxFrames> walked_fps_;
  // Only for stacks that are not plain.  Words: return address, saved fp,
  // realigned CFA; three a frame at most, behind one that is never what it was.
  std::array<Link, kMaxFrames> links_;
  std::array<Word, 3 * kMaxFrames + 1> words_;
};

// The innermost word before `end` that is not what it was.  Somewhere before it
// there must be one that never is.
[[gnu::always_inline]] inline const VerifiedUnwinder::Word*
VerifiedUnwinder::first_changed_before(const Word* end) const noexcept {
  const auto changed = [](const Word& word) {
    return *reinterpret_cast<const std::uint64_t*>(word.sp - 8) != word.pc;
  };
  // Four instructions a word.  An explicit step of eight: gcc unrolls a loop
  // whose end it does not know only by copying its counter's arithmetic too.
  for (const Word* word = end;; word -= 8) {
    if (changed(word[-1])) return word - 1;
    if (changed(word[-2])) return word - 2;
    if (changed(word[-3])) return word - 3;
    if (changed(word[-4])) return word - 4;
    if (changed(word[-5])) return word - 5;
    if (changed(word[-6])) return word - 6;
    if (changed(word[-7])) return word - 7;
    if (changed(word[-8])) return word - 8;
  }
}

}  // namespace sagemem
