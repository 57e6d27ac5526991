// SPDX-License-Identifier: Apache-2.0
//
// Functions that allocate on behalf of their caller.  The caller is the site
// that a reader can act on; `mymalloc` at the top of every list says nothing.
//
// What belongs here: a function that hands the block that it allocated to its
// caller, who decides how much and for how long.  What does not: a function
// that allocates for a purpose of its own (a parser's node, a matrix), even
// when it is called "alloc".
//
// Patterns are shell globs, see glob(7), over plain names: C++ names without
// template arguments and parameters.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sagemem::analysis {

class WrapperList {
 public:
  // The built-in list.
  WrapperList();

  void add(std::string pattern);

  // For a function as the symbolizer names it.
  [[nodiscard]] bool matches(std::string_view function) const;

 private:
  std::unordered_set<std::string> names_;  // patterns without a wildcard
  std::vector<std::string> patterns_;
};

}  // namespace sagemem::analysis
