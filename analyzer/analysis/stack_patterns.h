// SPDX-License-Identifier: Apache-2.0
//
// Patterns over whole call stacks, and which of them a stack matches.
//
//   pattern   run_sage > * > save_galaxies        outermost first
//   stack     _start main run_sage finish save_galaxies      matches
//
// What lies outside of the first frame of a pattern does not matter; the last
// one is the innermost.  "*" stands for any number of frames, none included.
//
// All patterns are one automaton: what is remembered of the frames so far is
// how much of each pattern they have matched, and that is a number.  Stacks
// share their outer frames, so each frame of the stack tree is looked at once.
// Inlined calls are frames like others.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/stack_tree.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

class StackPatterns {
 public:
  using State = std::uint32_t;
  // Of the empty stack.
  static constexpr State kStart = 0;

  // `tree` and `symbols` must outlive this.
  StackPatterns(const model::StackTree& tree, symbolize::Symbolizer& symbols)
      : tree_(tree), symbols_(symbols) {}

  // All before the first question.  Function patterns are of rules/glob.h and
  // match plain names.  Returns the pattern's number.
  std::uint32_t add(const std::vector<std::string>& frames);
  // The same as add({function, "*"}): anywhere in the stack.
  std::uint32_t add_within(const std::string& function) {
    return add({function, "*"});
  }

  // After all frames of the stack.
  [[nodiscard]] State state_of(model::StackId stack);
  // After its frames from the outermost to `last`, which is a place of the
  // innermost frame.
  [[nodiscard]] State state_at(model::StackId stack,
                               const symbolize::Location* last);

  [[nodiscard]] bool matches(State state, std::uint32_t pattern) const {
    return has(states_[state], accepting_[pattern]);
  }

 private:
  using Bits = std::vector<std::uint64_t>;
  // How much of a pattern has been matched: the next frame to come.  The one
  // behind the last is matched when the whole is.
  struct Position {
    std::string function;
    bool is_any = false;  // "*"
    bool is_end = false;
  };

  static bool has(const Bits& bits, std::size_t at) {
    return (bits[at / 64] >> at % 64 & 1) != 0;
  }
  void prepare();
  void mark(Bits& bits, std::size_t position) const;
  State intern(Bits bits);
  State step(State state, const symbolize::Location* location);
  std::uint32_t class_of(const symbolize::Location* location);

  const model::StackTree& tree_;
  symbolize::Symbolizer& symbols_;
  std::vector<Position> positions_;    // of all patterns, one behind the other
  std::vector<std::uint32_t> starts_;  // by pattern: into positions_
  std::vector<std::uint32_t> accepting_;  // by pattern: into positions_
  std::vector<Bits> states_;              // positions that may come next
  std::map<Bits, State> state_numbers_;
  // Locations that match the same frames of patterns are of one class.
  std::vector<Bits> classes_;
  std::map<Bits, std::uint32_t> class_numbers_;
  tsl::robin_map<const symbolize::Location*, std::uint32_t> class_of_;
  tsl::robin_map<std::uint64_t, State> steps_;  // state and class to state
  std::vector<State> state_of_stack_;
};

}  // namespace sagemem::analysis
