// SPDX-License-Identifier: Apache-2.0
//
// Whole-stack patterns: by example, and random ones against a matcher that
// tries everything.
#include <catch2/catch.hpp>
#include <span>
#include <string>
#include <vector>

#include "analysis/stack_patterns.h"
#include "random_program.h"
#include "rules/rule_text.h"

using namespace sagemem;
using analysis::StackPatterns;

namespace {

using List = std::vector<std::string>;

// Stacks of functions with names of one letter, outermost first.
class Stacks {
 public:
  Stacks() : symbols_(modules_) {}

  model::StackId add(const std::string& names) {
    model::StackId stack = model::kRootStack;
    for (const char name : names) {
      const model::Frame frame{0, static_cast<std::uint64_t>(name)};
      symbols_.learn(frame, {{.function = std::string(1, name)}});
      stack = tree_.push(stack, frame);
    }
    return stack;
  }

  const model::StackTree& tree() { return tree_; }
  symbolize::Symbolizer& symbols() { return symbols_; }

 private:
  std::vector<model::Module> modules_;
  symbolize::Symbolizer symbols_;
  model::StackTree tree_;
};

bool matches(const std::string& pattern, const std::string& names) {
  Stacks stacks;
  const model::StackId stack = stacks.add(names);
  StackPatterns patterns(stacks.tree(), stacks.symbols());
  const std::uint32_t number = patterns.add(rules::split_stack(pattern));
  return patterns.matches(patterns.state_of(stack), number);
}

bool matches_here(std::span<const std::string> pattern,
                  std::string_view names) {
  if (pattern.empty()) return names.empty();
  if (pattern[0] == "*") {
    for (std::size_t skip = 0; skip <= names.size(); ++skip) {
      if (matches_here(pattern.subspan(1), names.substr(skip))) return true;
    }
    return false;
  }
  return !names.empty() && (pattern[0] == "?" || pattern[0][0] == names[0]) &&
         matches_here(pattern.subspan(1), names.substr(1));
}

bool matches_slowly(const List& pattern, std::string_view names) {
  for (std::size_t skip = 0; skip <= names.size(); ++skip) {
    if (matches_here(pattern, names.substr(skip))) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a pattern begins anywhere and ends at the innermost frame") {
  CHECK(matches("c", "abc"));
  CHECK_FALSE(matches("b", "abc"));
  CHECK(matches("b > *", "abc"));
  CHECK(matches("c > *", "abc"));
  CHECK(matches("b > c", "abc"));
  CHECK_FALSE(matches("a > c", "abc"));
  CHECK(matches("a > * > c", "abc"));
  CHECK(matches("a > * > c", "ac"));
  CHECK(matches("a > * > b > * > d", "xaybzd"));
  CHECK_FALSE(matches("a > * > b > * > d", "xbyazd"));
  CHECK(matches("a > b", "aab"));
  CHECK_FALSE(matches("a", ""));
  CHECK(matches("*", ""));
}

TEST_CASE("inlined calls are frames; a site in their midst ends the stack") {
  std::vector<model::Module> modules;
  symbolize::Symbolizer symbols(modules);
  const model::Frame frame{0, 1};
  symbols.learn(frame, {{.function = "inner", .inlined = true},
                        {.function = "middle", .inlined = true},
                        {.function = "outer"}});
  model::StackTree tree;
  const model::StackId stack = tree.push(model::kRootStack, frame);
  StackPatterns patterns(tree, symbols);
  const std::uint32_t inner = patterns.add({"outer", "middle", "inner"});
  const std::uint32_t middle = patterns.add({"outer", "middle"});
  const auto whole = patterns.state_of(stack);
  CHECK(patterns.matches(whole, inner));
  CHECK_FALSE(patterns.matches(whole, middle));
  const auto at = patterns.state_at(stack, symbols.resolve(frame)[1]);
  CHECK_FALSE(patterns.matches(at, inner));
  CHECK(patterns.matches(at, middle));
}

TEST_CASE("random patterns, against one that tries everything") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    test::Random random(seed);
    Stacks stacks;
    std::vector<std::string> names;
    std::vector<model::StackId> ids;
    for (int i = 0; i < 30; ++i) {
      std::string name;
      const std::uint64_t depth = random.below(9);
      for (std::uint64_t k = 0; k < depth; ++k) {
        name += static_cast<char>('a' + random.below(3));
      }
      ids.push_back(stacks.add(name));
      names.push_back(name);
    }
    StackPatterns patterns(stacks.tree(), stacks.symbols());
    std::vector<List> written;
    for (int i = 0; i < 20; ++i) {
      List pattern;
      const std::uint64_t length = 1 + random.below(6);
      for (std::uint64_t k = 0; k < length; ++k) {
        static constexpr const char* kParts[] = {"a", "b", "c", "*", "*", "?"};
        pattern.emplace_back(kParts[random.below(6)]);
      }
      REQUIRE(patterns.add(pattern) == written.size());
      written.push_back(pattern);
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto state = patterns.state_of(ids[i]);
      for (std::uint32_t k = 0; k < written.size(); ++k) {
        CAPTURE(names[i], written[k]);
        REQUIRE(patterns.matches(state, k) ==
                matches_slowly(written[k], names[i]));
      }
    }
  }
}

TEST_CASE("stacks may be deeper than recursion could go") {
  Stacks stacks;
  const model::StackId stack = stacks.add("b" + std::string(200'000, 'a'));
  StackPatterns patterns(stacks.tree(), stacks.symbols());
  const std::uint32_t there = patterns.add_within("b");
  const std::uint32_t missing = patterns.add_within("c");
  CHECK(patterns.matches(patterns.state_of(stack), there));
  CHECK_FALSE(patterns.matches(patterns.state_of(stack), missing));
}
