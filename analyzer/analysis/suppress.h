// SPDX-License-Identifier: Apache-2.0
//
// Suppressions (rules/suppressions.h) against the call stacks of a profile.
//
// valgrind's stacks begin with the allocation function itself, ours with its
// caller: a first `fun:malloc` or the like is taken to match what is not there.
// Functions are matched by all that a person may call them: as in C++, without
// parameters, without template arguments; a mangled name by what it means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/leak_classes.h"
#include "model/profile.h"
#include "rules/suppressions.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

inline constexpr std::uint32_t kNotSuppressed = 0xffffffff;

class Suppressor {
 public:
  // Index in `suppressions` is what find() answers.
  Suppressor(const std::vector<rules::Suppression>& suppressions,
             const model::Profile& profile, symbolize::Symbolizer& symbols);

  // The first one for leaks of this class at this stack.
  [[nodiscard]] std::uint32_t find(model::StackId stack,
                                   model::LeakClass which);

 private:
  struct Frame {
    std::string function;
    std::string without_parameters;
    std::string plain;
    std::string file;
    std::uint32_t line = 0;
    std::string module;
  };

  // A frame of a suppression.
  struct Wanted {
    const rules::FramePattern* frame = nullptr;
    // What a mangled name means, and without parameters; else "".
    std::string readable;
    std::string without_parameters;
  };

  void read_stack(model::StackId stack);
  [[nodiscard]] bool matches(std::uint32_t index) const;
  [[nodiscard]] bool matches_anywhere(const std::string& pattern) const;
  // Whether every frame is of one of them.
  [[nodiscard]] bool is_all_of(const std::vector<std::string>& objects) const;
  [[nodiscard]] bool matches_from(const std::vector<Wanted>& patterns,
                                  std::size_t pattern) const;
  [[nodiscard]] static bool is_of(const Wanted& wanted, const Frame& there);

  const std::vector<rules::Suppression>& suppressions_;
  std::vector<std::vector<Wanted>> wanted_;  // of each
  const model::Profile& profile_;
  symbolize::Symbolizer& symbols_;
  model::StackId stack_ = model::kRootStack;
  std::vector<Frame> frames_;  // of stack_, innermost first
};

// "_ZN3foo3barEv" to "foo::bar()"; where a `*` cuts it short, as far as it
// goes:
// "_ZN3foo3ba*" to "foo::ba*".  Anything else stays.
[[nodiscard]] std::string readable_pattern(const std::string& pattern);

}  // namespace sagemem::analysis
