// SPDX-License-Identifier: Apache-2.0
//
// What a profile says of a program, as far as reports need it: which part of
// the code an allocation belongs to, and what the program can not go beyond.
// Plain data; rules/parse_rules.h makes it from TOML.
//
// An allocation belongs to the first category that matches it; one that none
// matches is Unknown.  A rule matches when each kind of condition that it has
// does, and that does when one of its patterns does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sagemem::rules {

inline constexpr char kUnknownCategory[] = "Unknown";
// As the name of a category: one for each module, called as the module is.
inline constexpr char kEachModule[] = "{module}";

struct CategoryRule {
  std::string name;
  // Of the allocation site: where reports say that the block was allocated.
  std::vector<std::string> functions;
  std::vector<std::string> files;
  std::vector<std::string> modules;
  std::vector<std::string> lines;  // source text, blanks left out
  // 0: any; else the site is the n-th of its function's, in their order in the
  // source, or in the code where the module has no line table.
  std::uint32_t call = 0;
  // Functions anywhere in the call stack.
  std::vector<std::string> within;
  // Call stacks, each outermost first; "*" stands for any number of frames.
  std::vector<std::vector<std::string>> stacks;
};

// No more live blocks, or bytes, than so many that were allocated through
// these functions.  The one that is not limited is 0.
struct LimitRule {
  std::string name;
  std::vector<std::string> functions;
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
};

// What the program itself calls its blocks.
struct LabelRule {
  std::string name;
  std::map<std::int64_t, std::string> values;
};

struct ProgramRules {
  std::string name;
  std::string base;  // the built-in profile to ask next; empty: none
  // What no rule, the base's included, matches is called so; empty: Unknown.
  std::string rest;
  std::vector<std::string> required;  // functions that such a program has
  std::vector<CategoryRule> categories;
  std::vector<LimitRule> limits;
  std::vector<LabelRule> labels;
  // What the recorder is to do, one rule each, as SAGEMEM_SCOPES has them.
  std::vector<std::string> recorder;
};

}  // namespace sagemem::rules
