// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "../../../analyzer/cli/exit_codes.h"
#include "../../../analyzer/cli/options.h"
#include "../../../analyzer/cli/subcommands.h"

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

std::string command(const Parsed& parsed) {
  return parsed.options.subcommand->name;
}

}  // namespace

TEST_CASE("a trace alone is the summary") {
  const Parsed parsed = parse({"a.smt"});
  CHECK_FALSE(parsed.status);
  CHECK(command(parsed) == "summary");
  CHECK(parsed.options.traces == std::vector<std::string>{"a.smt"});
  CHECK_FALSE(parsed.options.top);
}

TEST_CASE("options stand before and behind the subcommand") {
  const auto check = [](std::vector<std::string> words) {
    const Parsed parsed = parse(std::move(words));
    REQUIRE_FALSE(parsed.status);
    CHECK(command(parsed) == "leaks");
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

TEST_CASE("what is asked of scopes") {
  const Parsed parsed = parse({"scopes", "--scope", "forest=-812", "--sort",
                               "floor", "--escaped", "--predict", "nhalos=5e6",
                               "--budget", "16GiB", "--node=256 GB", "a.smt"});
  REQUIRE_FALSE(parsed.status);
  const sagemem::report::ScopeQuery& query = parsed.options.query.scopes;
  CHECK(command(parsed) == "scopes");
  CHECK(query.rule == "forest");
  CHECK(query.number == -812);
  CHECK(query.order == sagemem::analysis::ScopeOrder::Floor);
  CHECK(query.escaped_only);
  CHECK(query.predict_key == "nhalos");
  CHECK(query.predict_size == 5e6);
  CHECK(query.budget_bytes == std::uint64_t{16} << 30);
  CHECK(query.node_bytes == 256'000'000'000);
}

TEST_CASE("scopes that make no sense") {
  const auto [option, value] =
      GENERATE(table<std::string, std::string>({{"--scope", "forest"},
                                                {"--scope", "forest=1x"},
                                                {"--scope", "forest="},
                                                {"--sort", "name"},
                                                {"--predict", "nhalos=many"},
                                                {"--predict", "nhalos=-1"},
                                                {"--predict", "nhalos=nan"},
                                                {"--budget", "16 forests"},
                                                {"--node", "-1"}}));
  CHECK(parse({"scopes", option, value, "a.smt"}).status == kExitUsage);
}

TEST_CASE("a scope by its number alone, of another rule") {
  const Parsed parsed =
      parse({"scopes", "--rule", "snapshot", "--scope", "3", "a.smt"});
  CHECK_FALSE(parsed.status);
  CHECK(parsed.options.query.scopes.rule == "snapshot");
  CHECK(parsed.options.query.scopes.number == 3);
}

TEST_CASE("a profile is read with the command line") {
  const Parsed parsed = parse({"categories", "--profile", "mimic", "a"});
  REQUIRE_FALSE(parsed.status);
  CHECK(command(parsed) == "categories");
  REQUIRE(parsed.options.rules);
  CHECK(parsed.options.rules->name == "mimic");
  CHECK_FALSE(parse({"a"}).options.rules);
  CHECK(parse({"--profile", "nobody", "a"}).status == kExitUsage);
  CHECK(parse({"--profile", "/nowhere/p.toml", "a"}).status == kExitUsage);
}
