// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "scope/rules.h"

using sagemem::Rule;
using sagemem::RuleError;
using sagemem::RuleTable;
using sagemem::SourceKind;
using sagemem::Word;
using sagemem::trace::RuleUse;

namespace {

std::string str(const Word& word) {
  return {word.data, word.size};
}

struct Parsed {
  RuleTable table;
  std::vector<std::string> errors;
};

Parsed parse(const char* text) {
  Parsed parsed;
  sagemem::parse_rules(
      text, parsed.table,
      [](void* context, const RuleError& error) noexcept {
        static_cast<Parsed*>(context)->errors.push_back(
            std::string(error.expected) + " at " + std::to_string(error.place) +
            " of " + str(error.rule));
      },
      &parsed);
  return parsed;
}

}  // namespace

TEST_CASE("scopes of one function and of two") {
  const Parsed parsed = parse(
      "scope forest = sage_per_forest (number = arg1)\n"
      "; forest=load_tree..free_tree(number=arg2:i32, file=FileNum,"
      " n=*Sizes[arg2]:i32@end) process ;");
  CHECK(parsed.errors.empty());
  REQUIRE(parsed.table.count == 2);
  const Rule& first = parsed.table.rules[0];
  CHECK(first.use == RuleUse::Scope);
  CHECK(str(first.name) == "forest");
  CHECK(str(first.functions[0]) == "sage_per_forest");
  CHECK_FALSE(first.is_pair);
  CHECK_FALSE(first.is_process_wide);
  REQUIRE(first.capture_count == 1);
  CHECK(first.captures[0].source.kind == SourceKind::Argument);
  CHECK(first.captures[0].source.argument == 0);
  CHECK(first.captures[0].source.bytes == 0);
  const Rule& second = parsed.table.rules[1];
  CHECK(second.is_pair);
  CHECK(second.is_process_wide);
  CHECK(str(second.functions[0]) == "load_tree");
  CHECK(str(second.functions[1]) == "free_tree");
  REQUIRE(second.capture_count == 3);
  CHECK(second.captures[0].source.bytes == 4);
  CHECK_FALSE(second.captures[0].source.is_unsigned);
  CHECK(second.captures[1].source.kind == SourceKind::Global);
  CHECK(str(second.captures[1].source.symbol) == "FileNum");
  CHECK(second.captures[2].source.kind == SourceKind::TargetElement);
  CHECK(second.captures[2].source.argument == 1);
  CHECK(second.captures[2].source.at_end);
}

TEST_CASE("labels, notes, and names that look like words of the grammar") {
  const Parsed parsed = parse(
      "label tree = my_cat, my_cat_2 (arg2:u8); note nhalos = load (return);"
      "scope = label (a=Table[arg6]:u16); note = note(x=arg1@end)");
  CHECK(parsed.errors.empty());
  REQUIRE(parsed.table.count == 4);
  const Rule* rules = parsed.table.rules;
  CHECK(rules[0].use == RuleUse::Label);
  CHECK(rules[0].function_count == 2);
  CHECK(rules[0].captures[0].source.bytes == 1);
  CHECK(rules[0].captures[0].source.is_unsigned);
  CHECK(rules[1].use == RuleUse::Note);
  CHECK(rules[1].captures[0].source.at_end);
  CHECK(str(rules[2].name) == "scope");
  CHECK(rules[2].captures[0].source.kind == SourceKind::Element);
  CHECK(rules[2].captures[0].source.argument == 5);
  CHECK(rules[3].use == RuleUse::Scope);
  CHECK(str(rules[3].name) == "note");
}

TEST_CASE("scopes with new values, and tables that a variable indexes") {
  const Parsed parsed = parse(
      "forest = each my_malloc, my_realloc (number=TreeID:i32,"
      " nhalos=*TreeNHalos[TreeID]:i32) process; each = f; a = each (x=arg1);"
      "b = each .. f; c = each f; d = each f (x=Table[arg9])");
  CHECK(parsed.errors ==
        std::vector<std::string>{
            "'(' and what to read at 10 of c = each f",
            "an argN or a variable at 24 of d = each f (x=Table[arg9])"});
  REQUIRE(parsed.table.count == 4);
  const Rule& forest = parsed.table.rules[0];
  CHECK(forest.is_each);
  CHECK(forest.is_process_wide);
  REQUIRE(forest.function_count == 2);
  CHECK(str(forest.functions[1]) == "my_realloc");
  REQUIRE(forest.capture_count == 2);
  CHECK(forest.captures[0].source.kind == SourceKind::Global);
  CHECK(forest.captures[1].source.kind == SourceKind::TargetElement);
  CHECK(str(forest.captures[1].source.index) == "TreeID");
  CHECK_FALSE(forest.captures[1].source.reads_argument());
  // A function may have that name.
  for (int i = 1; i < 4; ++i) {
    CHECK_FALSE(parsed.table.rules[i].is_each);
    CHECK(str(parsed.table.rules[i].functions[0]) == (i == 1 ? "f" : "each"));
  }
  CHECK(str(parsed.table.rules[1].name) == "each");
  CHECK(parsed.table.rules[3].is_pair);
}

TEST_CASE("a wrong rule is left out and the others count") {
  const Parsed parsed = parse(
      "forest sage (x=arg1); a = f (x=arg7); b = g (x = arg1; = h;"
      "note n = f; c = ok; d = f (x=arg1:i31); e = f (x=*p); k = f always;"
      "l = f .. ; m = f .. g .. h; n = (a=arg1); label o = f (arg1, arg2)");
  CHECK(parsed.errors ==
        std::vector<std::string>{
            "'=' at 7 of forest sage (x=arg1)",
            "',' or ')' at 15 of b = g (x = arg1", "a name at 0 of = h",
            "'(' and what to read at 10 of note n = f",
            "a type such as i32 at 17 of d = f (x=arg1:i31)",
            "'[' at 11 of e = f (x=*p)", "'process' at 6 of k = f always",
            "a function at 9 of l = f .. ",
            "the end of the rule at 11 of m = f .. g .. h",
            "a function at 4 of n = (a=arg1)",
            "')' at 17 of label o = f (arg1, arg2)"});
  // arg7 is a variable like any other.
  CHECK(parsed.table.count == 2);
}

TEST_CASE("no text and no bytes of it are too strange") {
  const std::string whole =
      "scope a = b .. c (d = *e[arg1]:i32@end, f = return) process;\n";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    std::string text = whole.substr(0, length);
    CHECK(parse(text.c_str()).table.count <= 1);
    for (std::size_t i = 0; i < length; ++i) {
      for (const char c : {'\x01', '\xff', '(', ')', '*', '=', ';', '.'}) {
        std::string changed = text;
        changed[i] = c;
        CHECK(parse(changed.c_str()).table.count <= 2);
      }
    }
  }
}

TEST_CASE("rules beyond the table are an error, not a crash") {
  std::string text;
  for (int i = 0; i < 70; ++i) text += "a" + std::to_string(i) + " = f;";
  const Parsed parsed = parse(text.c_str());
  CHECK(parsed.table.count == RuleTable::kMaxRules);
  CHECK(parsed.errors.size() == 1);
  CHECK(parse("a = f (1=x,2=x,3=x,4=x,5=x,6=x,7=x,8=x,9=x)").errors.size() ==
        1);
  CHECK(parse("label a = f,f,f,f,f,f,f,f,f (arg1)").errors.size() == 1);
}
