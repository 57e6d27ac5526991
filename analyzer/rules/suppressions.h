// SPDX-License-Identifier: Apache-2.0
//
// Which leaks are known and not to be told again, in the two languages that
// people have such files in already.  One file may mix them.
//
//   # LeakSanitizer: in any frame, the function, its source file or its module
//   leak:libfontconfig
//   leak:^my_cache_*_grow$
//
//   # valgrind (memcheck): frames from the allocation outward
//   {
//      a name
//      Memcheck:Leak
//      match-leak-kinds: definite,indirect
//      fun:malloc
//      ...
//      obj:*/libmpi.so*
//   }
//
// Ours alone is `only-objects:` beside match-leak-kinds, patterns with commas
// between them, on one line or on several: every frame of the stack is of one
// of these objects.  Frames can not say that: what they do not name, `...` or
// the end, may be anything.
//
// A comment right above an entry is its reason.  Entries of valgrind for other
// errors than leaks are passed over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sagemem::rules {

struct FramePattern {
  enum class What : std::uint8_t {
    Function,   // fun:
    Object,     // obj:
    Source,     // src:
    AnyFrames,  // ...
  };
  What what = What::AnyFrames;
  std::string glob;
  std::uint32_t line = 0;  // of src:, 0: any
};

// valgrind's kinds of leaks, as bits.
inline constexpr unsigned kDefinite = 1;
inline constexpr unsigned kIndirect = 2;
inline constexpr unsigned kPossible = 4;
inline constexpr unsigned kReachable = 8;
inline constexpr unsigned kAllKinds = 15;

struct Suppression {
  std::string name;    // LeakSanitizer: the pattern
  std::string reason;  // the comment above; empty: none
  std::string file;    // empty: built in
  std::size_t line = 0;
  unsigned kinds = kAllKinds;
  std::vector<std::string> objects;  // what all frames are of; empty: of any
  // Of one language or of the other.
  std::string anywhere;              // LeakSanitizer's pattern
  std::vector<FramePattern> frames;  // innermost first

  [[nodiscard]] bool is_built_in() const { return file.empty(); }
};

// Throws RuleError, with file, line and column.
[[nodiscard]] std::vector<Suppression> parse_suppressions(
    std::string_view text, const std::string& file);
[[nodiscard]] std::vector<Suppression> load_suppressions(
    const std::string& file);
// Those that come with every report.
[[nodiscard]] const std::vector<Suppression>& built_in_suppressions();
// Generated: see suppressions.supp.
[[nodiscard]] std::string_view built_in_suppression_text();

// LeakSanitizer's matching: the pattern anywhere in the text, `*` for any text,
// `^` at the beginning, `$` at the end.
[[nodiscard]] bool template_matches(std::string_view pattern,
                                    std::string_view text);

}  // namespace sagemem::rules
