// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "rules/built_in.h"
#include "rules/glob.h"
#include "rules/parse_rules.h"
#include "rules/rule_text.h"

using namespace sagemem::rules;

namespace {

std::string problem_of(const std::string& text) {
  try {
    static_cast<void>(parse_rules(text, "f.toml"));
  } catch (const RuleError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("globs match the whole text") {
  CHECK(glob_matches("", ""));
  CHECK_FALSE(glob_matches("", "a"));
  CHECK(glob_matches("abc", "abc"));
  CHECK_FALSE(glob_matches("abc", "abcd"));
  CHECK_FALSE(glob_matches("abcd", "abc"));
  CHECK(glob_matches("*", ""));
  CHECK(glob_matches("a*c", "ac"));
  CHECK(glob_matches("a*c", "abcbc"));
  CHECK_FALSE(glob_matches("a*c", "abcb"));
  CHECK(glob_matches("*b*d", "abcbcd"));
  CHECK(glob_matches("a?c", "abc"));
  CHECK_FALSE(glob_matches("a?c", "ac"));
  CHECK(glob_matches("**a**", "a"));
}

TEST_CASE("brackets mean nothing in a glob, a backslash does") {
  CHECK(glob_matches("Gal[0]*", "Gal[0]=x"));
  CHECK_FALSE(glob_matches("Gal[0]", "Gal0"));
  CHECK(glob_matches("\\*p=*", "*p=q"));
  CHECK_FALSE(glob_matches("\\*p=*", "ap=q"));
  CHECK(glob_matches("a\\", "a\\"));
  CHECK(glob_matches("\\?", "?"));
}

TEST_CASE("a hostile glob takes no longer than others") {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "*a";
  CHECK_FALSE(glob_matches(pattern + "b", std::string(4000, 'a')));
}

TEST_CASE("call stacks are frames between arrows") {
  using List = std::vector<std::string>;
  CHECK(split_stack("main > * > save_*") == List{"main", "*", "save_*"});
  CHECK(split_stack("main>a") == List{"main", "a"});
  CHECK(split_stack("a > * > * > b") == List{"a", "*", "b"});
  CHECK(split_stack("a").size() == 1);
  CHECK(split_stack("").empty());
  CHECK(split_stack("a > ").empty());
  CHECK(split_stack("> a").empty());
  CHECK(split_stack("a >> b").empty());
}

TEST_CASE("sizes have units") {
  CHECK(parse_bytes("100") == 100u);
  CHECK(parse_bytes("4 GiB") == std::uint64_t{4} << 30);
  CHECK(parse_bytes(" 512MB ") == 512'000'000u);
  CHECK(parse_bytes("1 TiB") == std::uint64_t{1} << 40);
  CHECK_FALSE(parse_bytes("0"));
  CHECK_FALSE(parse_bytes("-1"));
  CHECK_FALSE(parse_bytes("4 gib"));
  CHECK_FALSE(parse_bytes("GiB"));
  CHECK_FALSE(parse_bytes(""));
  CHECK_FALSE(parse_bytes("99999999999999999999"));
  CHECK_FALSE(parse_bytes("18014398509481984 KiB"));
}

TEST_CASE("what the recorder reads is checked before it gets it") {
  for (const char* yes : {"a", "a.b", "a-b$_1", "f.constprop.0"}) {
    CAPTURE(yes);
    CHECK(is_symbol(yes));
  }
  for (const std::string& no :
       {std::string(), std::string("a b"), std::string("a..b"),
        std::string("a;b"), std::string(256, 'a')}) {
    CAPTURE(no);
    CHECK_FALSE(is_symbol(no));
  }
  for (const char* yes :
       {"arg1", "arg2:i32", "return", "FileNum:u64@end", "Halos[arg6]",
        "*Halos[arg1]:i16@end", "a.b", "*Halos[TreeID]:i32"}) {
    CAPTURE(yes);
    CHECK(is_capture_source(yes));
  }
  for (const char* no :
       {"", "@end", ":i32", "arg1:f32", "arg1:", "*Halos", "Halos[arg7]",
        "Halos[arg1", "Halos[arg0]", "Halos[]", "[arg1]", "a b", "a@begin",
        "**a[arg1]", "a[arg1][arg2]", "arg1:i32:i32"}) {
    CAPTURE(no);
    CHECK_FALSE(is_capture_source(no));
  }
}

TEST_CASE("a profile says what it says") {
  const ProgramRules rules = parse_rules(R"(
name = "prog"
base = "libraries"
requires = ["a", "b"]
[[category]]
name = "One"
function = "f"
line = "x = y *"
call = 2
[[category]]
name = "Two"
within = ["g", "h"]
stack = "main > * > k"
[[limit]]
name = "blocks"
functions = ["m"]
blocks = 2048
[[limit]]
name = "bytes"
functions = "m"
bytes = "1 KiB"
)",
                                         "f.toml");
  CHECK(rules.name == "prog");
  CHECK(rules.base == "libraries");
  CHECK(rules.required.size() == 2);
  REQUIRE(rules.categories.size() == 2);
  CHECK(rules.categories[0].functions == std::vector<std::string>{"f"});
  CHECK(rules.categories[0].lines == std::vector<std::string>{"x=y*"});
  CHECK(rules.categories[0].call == 2);
  CHECK(rules.categories[1].within.size() == 2);
  CHECK(rules.categories[1].stacks.front().size() == 3);
  REQUIRE(rules.limits.size() == 2);
  CHECK(rules.limits[0].blocks == 2048);
  CHECK(rules.limits[1].bytes == 1024);
}

TEST_CASE("what a profile says of scopes") {
  const ProgramRules rules = parse_rules(R"(
name = "prog"
[[scope]]
name = "run"
function = "main"
process_wide = true
[[scope]]
name = "forest"
begin = "load"
end = "unload"
[[scope]]
name = "forest"
each = ["f", "g"]
[scope.capture]
nhalos = "*N[TreeID]:i32"
number = "TreeID:i32"
)",
                                         "f.toml");
  CHECK(rules.recorder ==
        std::vector<std::string>{"scope run = main process",
                                 "scope forest = load .. unload",
                                 "scope forest = each f, g (number=TreeID:i32,"
                                 " nhalos=*N[TreeID]:i32)"});
}

TEST_CASE("what is wrong with a profile is said with its place") {
  const auto category = [](const std::string& lines) {
    return "name = \"p\"\n[[category]]\n" + lines;
  };
  const auto limit = [](const std::string& lines) {
    return "name = \"p\"\n[[limit]]\nname = \"l\"\n" + lines;
  };
  const struct {
    std::string text;
    std::string problem;  // a part of it
  } cases[] = {
      {"", "f.toml:"},
      {"name = ", "f.toml:1:"},
      {"name = \"p\"\nname = \"q\"\n", "f.toml:2:"},
      {"name = 3", "f.toml:1:8: 'name' has to be a text"},
      {"name = \"\"", "'name' is empty"},
      {"name = \"p\"\nnmae = 1\n", "f.toml:2:1: 'nmae' is not known here"},
      {"name = \"a\\u0000b\"", "NUL"},
      {"name = \"p\"\nrequires = []", "'requires' is empty"},
      {"name = \"p\"\nrequires = [1]", "f.toml:2:13: 'requires'"},
      {"name = \"p\"\n[category]\nname = \"x\"", "write [[category]]"},
      {"name = \"p\"\ncategory = [1]", "write [[category]]"},
      {"name = \"p\"\ncategory = 1", "write [[category]]"},
      {category("function = \"f\""), "'name' is missing"},
      {category("name = \"c\""), "f.toml:2:1: a category without a condition"},
      {category("name = \"c\"\nfunctions = \"f\""), "'functions' is not known"},
      {category("name = \"c\"\nfunction = {}"), "'function' has to be a text"},
      {category("name = \"c\"\nstack = \"a > \""), "'a > ' is no call stack"},
      {category("name = \"c\"\ncall = 1"), "'function', which is missing"},
      {category("name = \"c\"\nfunction = \"f\"\ncall = 0"), "from 1 to"},
      {category("name = \"c\"\nfunction = \"f\"\ncall = 1.5"), "from 1 to"},
      {limit("functions = \"f\""), "one of 'blocks' and 'bytes'"},
      {limit("blocks = 3"), "'functions' is missing"},
      {limit("functions = \"f\"\nblocks = -1"), "from 1 to"},
      {limit("functions = \"f\"\nblocks = 1\nbytes = 1"), "one of 'blocks'"},
      {limit("functions = \"f\"\nbytes = \"4 apples\""), "\"4 GiB\""},
      {"name = \"p\"\n[[scope]]\nname = \"s\"", "a scope has a function"},
      {"name = \"p\"\n[[scope]]\nname = \"s\"\nbegin = \"b\"",
       "a scope has a function"},
      {"name = \"p\"\n[[scope]]\nname = \"s\"\nfunction = \"f\"\neach = \"g\"",
       "a scope has a function"},
      {"name = \"p\"\n[[scope]]\nname = \"s\"\neach = \"g\"",
       "a number to capture"},
      {"name = \"p\"\n[[note]]\nname = \"n\"\nfunction = \"f\"",
       "'read' is missing"},
      {"name = \"p\"\n[[label]]\nname = \"l\"\nread = \"arg1\"",
       "'functions' is missing"},
      {"name = \"p\"\n[[label]]\nname = \"l\"\nread = \"arg1\"\n"
       "functions = \"f\"\nvalues = { a = \"b\" }",
       "'a' is no number"},
      {"name = \"p\"\n[[label]]\nname = \"l\"\nread = \"arg1\"\n"
       "functions = \"f\"\nvalues = { 1 = 2 }",
       "'1' has to be a text"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    const std::string problem = problem_of(one.text);
    CAPTURE(problem);
    CHECK(problem.starts_with("f.toml:"));
    CHECK(problem.find(one.problem) != std::string::npos);
  }
}

TEST_CASE("a profile can not have patterns without end") {
  std::string list = "name = \"p\"\n[[category]]\nname = \"c\"\nwithin = [";
  for (int i = 0; i < 5000; ++i) list += "\"f\",";
  CHECK(problem_of(list + "]").find("more than") != std::string::npos);
}

TEST_CASE("built-in profiles can be read and lead to each other") {
  REQUIRE(built_in_profiles().size() >= 5);
  for (const BuiltInProfile& one : built_in_profiles()) {
    CAPTURE(one.name);
    const ProgramRules rules = load_rules(std::string(one.name));
    CHECK(rules.name == one.name);
    CHECK_FALSE(rules.categories.empty());
  }
  CHECK(load_rules("sage-model").categories.size() >
        load_rules("libraries").categories.size());
  const CategoryRule last = load_rules("generic").categories.back();
  CHECK(last.name == kEachModule);
  CHECK(load_rules("sage-model").limits.at(0).blocks == 2048);
}

TEST_CASE("profiles that are not there") {
  const auto problem = [](const std::string& name) -> std::string {
    try {
      static_cast<void>(load_rules(name));
    } catch (const RuleError& error) {
      return error.what();
    }
    return "none";
  };
  CHECK(problem("sega").find("sage-model") != std::string::npos);
  CHECK(problem("./sega") == "./sega: No such file or directory");
  CHECK(problem("sega.toml") == "sega.toml: No such file or directory");
  CHECK(problem("/") == "/: Is a directory");
}

TEST_CASE("a file builds upon a profile that there is") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("sagemem-rules-" + std::to_string(::getpid()) + ".toml");
  std::ofstream(path) << "name = \"p\"\nbase = \"generic\"\n";
  CHECK(load_rules(path).categories.size() ==
        load_rules("libraries").categories.size());
  std::ofstream(path) << "name = \"p\"\nbase = \"nothing\"\n";
  CHECK_THROWS_AS(load_rules(path), RuleError);
  std::filesystem::remove(path);
}
