// SPDX-License-Identifier: Apache-2.0
#include "analysis/suppress.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "rules/glob.h"
#include "symbolize/location.h"
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

// Without template arguments; of the C library the name that programs and other
// tools know: its debug information has __strdup for what is strdup as well.
std::string known_name(const symbolize::Location& at) {
  const std::string name = symbolize::plain_name(at.function);
  const bool is_libc = symbolize::base_name(at.module).starts_with("libc.so");
  return is_libc && name.starts_with("__") ? name.substr(2) : name;
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
    : suppressions_(suppressions), profile_(profile), symbols_(symbols) {
  for (const rules::Suppression& one : suppressions) {
    std::vector<Wanted>& frames = wanted_.emplace_back();
    for (const FramePattern& frame : one.frames) {
      Wanted& wanted = frames.emplace_back();
      wanted.frame = &frame;
      if (frame.what != FramePattern::What::Function) continue;
      const std::string readable = readable_pattern(frame.glob);
      if (readable == frame.glob) continue;
      wanted.readable = readable;
      wanted.without_parameters = symbolize::without_parameters(readable);
    }
  }
}

std::uint32_t Suppressor::find(StackId stack, LeakClass which) {
  const unsigned kinds = kinds_of(which);
  for (std::uint32_t i = 0; i < suppressions_.size(); ++i) {
    if ((suppressions_[i].kinds & kinds) == 0) continue;
    read_stack(stack);
    if (matches(i)) return i;
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
                         known_name(*location), location->file, location->line,
                         location->module});
    }
  }
}

bool Suppressor::matches(std::uint32_t index) const {
  const rules::Suppression& one = suppressions_[index];
  if (one.frames.empty()) return matches_anywhere(one.anywhere);
  if (!one.objects.empty() && !is_all_of(one.objects)) return false;
  if (is_allocator(one.frames.front()) && matches_from(wanted_[index], 1))
    return true;
  return matches_from(wanted_[index], 0);
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

bool Suppressor::is_all_of(const std::vector<std::string>& objects) const {
  return std::all_of(
      frames_.begin(), frames_.end(), [&objects](const Frame& frame) {
        return std::any_of(objects.begin(), objects.end(),
                           [&frame](const std::string& glob) {
                             return !frame.module.empty() &&
                                    rules::glob_matches(glob, frame.module);
                           });
      });
}

// The patterns from `pattern` on against all frames; frames that are left over
// do not matter.  As in glob.cpp only the last "..." need be tried again: what
// an earlier one could take instead, it could, too.
bool Suppressor::matches_from(const std::vector<Wanted>& patterns,
                              std::size_t pattern) const {
  std::size_t frame = 0;
  std::optional<std::size_t> again;  // the pattern behind the last "..."
  std::size_t begin = 0;             // where that was tried
  while (pattern < patterns.size()) {
    if (patterns[pattern].frame->what == FramePattern::What::AnyFrames) {
      again = ++pattern;
      begin = frame;
    } else if (frame < frames_.size() &&
               is_of(patterns[pattern], frames_[frame])) {
      ++pattern;
      ++frame;
    } else {
      if (!again || begin >= frames_.size()) return false;
      pattern = *again;
      frame = ++begin;
    }
  }
  return true;
}

bool Suppressor::is_of(const Wanted& wanted, const Frame& there) {
  const FramePattern& frame = *wanted.frame;
  const auto has = [](const std::string& glob, const std::string& text) {
    return !text.empty() && rules::glob_matches(glob, text);
  };
  switch (frame.what) {
    case FramePattern::What::Function:
      return has(frame.glob, there.function) ||
             has(frame.glob, there.without_parameters) ||
             has(frame.glob, there.plain) ||
             (!wanted.readable.empty() &&
              (has(wanted.readable, there.function) ||
               has(wanted.without_parameters, there.without_parameters)));
    case FramePattern::What::Object:
      return has(frame.glob, there.module);
    case FramePattern::What::Source:
      return (frame.line == 0 || frame.line == there.line) &&
             (has(frame.glob, there.file) ||
              has(frame.glob, there.file.substr(there.file.rfind('/') + 1)));
    case FramePattern::What::AnyFrames:
      break;
  }
  return false;
}

}  // namespace sagemem::analysis
