// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "../../../analyzer/cli/exit_codes.h"
#include "../../../analyzer/cli/options.h"

using namespace sagemem::cli;

namespace {

struct Parsed {
  std::optional<int> status;
  Options options;
};

// What goes to the streams is not looked at.
Parsed parse(std::vector<std::string> words) {
  std::ostringstream sink;
  std::streambuf* const out = std::cout.rdbuf(sink.rdbuf());
  std::streambuf* const err = std::cerr.rdbuf(sink.rdbuf());
  std::vector<char*> argv = {const_cast<char*>("sagemem-report")};
  for (std::string& word : words) argv.push_back(word.data());
  Parsed parsed;
  parsed.status =
      parse_options(static_cast<int>(argv.size()), argv.data(), parsed.options);
  std::cout.rdbuf(out);
  std::cerr.rdbuf(err);
  return parsed;
}

}  // namespace

TEST_CASE("a trace alone is the summary") {
  const Parsed parsed = parse({"a.smt"});
  CHECK_FALSE(parsed.status);
  CHECK(parsed.options.command == Command::Summary);
  CHECK(parsed.options.traces == std::vector<std::string>{"a.smt"});
  CHECK_FALSE(parsed.options.top);
}

TEST_CASE("options stand before and behind the subcommand") {
  const auto check = [](std::vector<std::string> words) {
    const Parsed parsed = parse(std::move(words));
    REQUIRE_FALSE(parsed.status);
    CHECK(parsed.options.command == Command::Leaks);
    CHECK(parsed.options.json);
    CHECK(parsed.options.top == 3u);
    CHECK(parsed.options.wrappers == std::vector<std::string>{"x*", "y"});
    CHECK(parsed.options.traces == std::vector<std::string>{"a", "b"});
  };
  check({"leaks", "--json", "--top", "3", "--wrapper", "x*", "--wrapper", "y",
         "a", "b"});
  check({"--json", "--top=3", "--wrapper", "x*", "leaks", "a", "--wrapper", "y",
         "b"});
  check({"--wrapper", "x*", "--wrapper", "y", "leaks", "a", "b", "--top", "3",
         "--json"});
}

TEST_CASE("a wrapper does not swallow the trace behind it") {
  const Parsed parsed = parse({"--wrapper", "pool_*", "a.smt"});
  REQUIRE_FALSE(parsed.status);
  CHECK(parsed.options.traces == std::vector<std::string>{"a.smt"});
}

TEST_CASE("stacks and colours") {
  CHECK(parse({"peak", "--full-stack", "a"}).options.stacks == 1);
  CHECK(parse({"peak", "--stacks", "4", "a"}).options.stacks == 4);
  CHECK(parse({"peak", "a"}).options.stacks == 0);
  CHECK(parse({"--color", "never", "a"}).options.color ==
        sagemem::report::ColorMode::Never);
  CHECK(parse({"--color=always", "a"}).options.color ==
        sagemem::report::ColorMode::Always);
}

TEST_CASE("arguments that make no sense end with 2, help and version with 0") {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {},
           {"peak"},
           {"--nonsense", "a"},
           {"--top", "many", "a"},
           {"--top", "-1", "a"},
           {"--color", "sometimes", "a"},
           {"--stacks", "1", "--full-stack", "a"}})
    CHECK(parse(words).status == kExitUsage);
  CHECK(parse({"--help"}).status == kExitOk);
  CHECK(parse({"peak", "--help"}).status == kExitOk);
  CHECK(parse({"--version"}).status == kExitOk);
}
