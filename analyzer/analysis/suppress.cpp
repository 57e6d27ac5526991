// SPDX-License-Identifier: Apache-2.0
#include "analysis/suppress.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "rules/glob.h"
#include "symbolize/names.h"

namespace sagemem::analysis {

using model::LeakClass;
using model::StackId;
using rules::FramePattern;

namespace {

// What valgrind's stacks of leaks begin with, in every spelling.
constexpr std::string_view kAllocators[] = {
    "malloc",
    "calloc",
    "realloc",
    "memalign",
    "posix_memalign",
    "aligned_alloc",
    "reallocarray",
    "valloc",
    "pvalloc",
    "strdup",
    "_Znwm",
    "_Znam",
    "_ZnwmSt11align_val_t",
    "_ZnamSt11align_val_t",
    "_ZnwmRKSt9nothrow_t",
    "_ZnamRKSt9nothrow_t",
    "operator new(unsigned long)",
    "operator new[](unsigned long)",
};

bool is_allocator(const FramePattern& pattern) {
  return pattern.what == FramePattern::What::Function &&
         std::any_of(std::begin(kAllocators), std::end(kAllocators),
                     [&pattern](std::string_view name) {
                       return rules::glob_matches(pattern.glob, name);
                     });
}

unsigned kinds_of(LeakClass which) {
  switch (which) {
    case LeakClass::Lost:
      return rules::kDefinite;
    case LeakClass::IndirectlyLost:
      return rules::kIndirect;
    case LeakClass::Reachable:
      return rules::kReachable;
    case LeakClass::NotScanned:
      break;
  }
  return rules::kAllKinds;
}

// "3foo" of a mangled name, taken off; false when there is none.
bool take_name(std::string_view& text, std::string& out) {
  std::size_t length = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc{} || end == text.data() || length == 0) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  out = text.substr(0, std::min(length, text.size()));
  text.remove_prefix(out.size());
  return true;
}

}  // namespace

std::string readable_pattern(const std::string& pattern) {
  if (!pattern.starts_with("_Z")) return pattern;
  if (pattern.find_first_of("*?") == std::string::npos) {
    return symbolize::demangle(pattern);
  }
  std::string_view text = pattern;
  text.remove_prefix(2);
  const bool is_nested = text.starts_with("N");
  if (is_nested) text.remove_prefix(1);
  while (text.starts_with("K") || text.starts_with("V")) text.remove_prefix(1);
  std::string result;
  if (text.starts_with("St")) {
    result = "std";
    text.remove_prefix(2);
  }
  std::string name;
  while (take_name(text, name)) {
    if (!result.empty()) result += "::";
    result += name;
    // The star stood within the name.
    if (name.find('*') != std::string::npos) return result;
    if (!is_nested) break;
  }
  return result.empty() ? pattern : result + "*";
}

Suppressor::Suppressor(const std::vector<rules::Suppression>& suppressions,
                       const model::Profile& profile,
                       symbolize::Symbolizer& symbols)
    : suppressions_(suppressions), profile_(profile), symbols_(symbols) {}

std::uint32_t Suppressor::find(StackId stack, LeakClass which) {
  const unsigned kinds = kinds_of(which);
  for (std::uint32_t i = 0; i < suppressions_.size(); ++i) {
    if ((suppressions_[i].kinds & kinds) == 0) continue;
    read_stack(stack);
    if (matches(suppressions_[i])) return i;
  }
  return kNotSuppressed;
}

void Suppressor::read_stack(StackId stack) {
  if (stack == stack_) return;
  stack_ = stack;
  frames_.clear();
  for (; stack != model::kRootStack; stack = profile_.stacks.outer(stack)) {
    for (const symbolize::Location* const location :
         symbols_.resolve(profile_.stacks.frame(stack))) {
      frames_.push_back({location->function,
                         symbolize::without_parameters(location->function),
                         symbolize::plain_name(location->function),
                         location->file, location->line, location->module});
    }
  }
}

bool Suppressor::matches(const rules::Suppression& one) const {
  if (one.frames.empty()) return matches_anywhere(one.anywhere);
  if (is_allocator(one.frames.front()) && matches_from(one.frames, 1, 0)) {
    return true;
  }
  return matches_from(one.frames, 0, 0);
}

bool Suppressor::matches_anywhere(const std::string& pattern) const {
  return std::any_of(
      frames_.begin(), frames_.end(), [&pattern](const Frame& frame) {
        for (const std::string* const text :
             {&frame.function, &frame.plain, &frame.file, &frame.module}) {
          if (!text->empty() && rules::template_matches(pattern, *text)) {
            return true;
          }
        }
        return false;
      });
}

// The patterns from `pattern` on against the frames from `frame` on; those that
// are left over do not matter.
bool Suppressor::matches_from(const std::vector<FramePattern>& patterns,
                              std::size_t pattern, std::size_t frame) const {
  for (; pattern < patterns.size(); ++pattern, ++frame) {
    const FramePattern& wanted = patterns[pattern];
    if (wanted.what == FramePattern::What::AnyFrames) {
      while (pattern + 1 < patterns.size() &&
             patterns[pattern + 1].what == FramePattern::What::AnyFrames) {
        ++pattern;
      }
      if (pattern + 1 == patterns.size()) return true;
      for (; frame < frames_.size(); ++frame) {
        if (matches_from(patterns, pattern + 1, frame)) return true;
      }
      return false;
    }
    if (frame >= frames_.size()) return false;
    const Frame& there = frames_[frame];
    const auto is_of = [&wanted](const std::string& text) {
      return !text.empty() && rules::glob_matches(wanted.glob, text);
    };
    bool is_same = false;
    switch (wanted.what) {
      case FramePattern::What::Function: {
        const std::string readable = readable_pattern(wanted.glob);
        is_same = is_of(there.function) || is_of(there.without_parameters) ||
                  is_of(there.plain);
        if (!is_same && readable != wanted.glob) {
          is_same = rules::glob_matches(readable, there.function) ||
                    rules::glob_matches(symbolize::without_parameters(readable),
                                        there.without_parameters);
        }
        break;
      }
      case FramePattern::What::Object:
        is_same = is_of(there.module);
        break;
      case FramePattern::What::Source:
        is_same = (wanted.line == 0 || wanted.line == there.line) &&
                  (is_of(there.file) ||
                   is_of(there.file.substr(there.file.rfind('/') + 1)));
        break;
      case FramePattern::What::AnyFrames:
        break;
    }
    if (!is_same) return false;
  }
  return true;
}

}  // namespace sagemem::analysis
