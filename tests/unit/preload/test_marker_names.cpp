// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "session/marker_names.h"

using sagemem::MarkerNames;
using sagemem::trace::RuleUse;

TEST_CASE("a name has one rule for each use", "[marker_names]") {
  const auto names = std::make_unique<MarkerNames>();
  std::uint32_t scope = 0;
  std::uint32_t note = 0;
  bool is_new = false;
  REQUIRE(names->find(RuleUse::Scope, "forest", scope, is_new));
  CHECK(is_new);
  CHECK(scope == MarkerNames::kFirstRule);
  REQUIRE(names->find(RuleUse::Note, "forest", note, is_new));
  CHECK(is_new);
  CHECK(note != scope);
  // The string may be another one that says the same.
  const std::string again = "forest";
  std::uint32_t rule = 0;
  REQUIRE(names->find(RuleUse::Scope, again.c_str(), rule, is_new));
  CHECK_FALSE(is_new);
  CHECK(rule == scope);
  CHECK(names->count() == 2);
  CHECK(std::string(names->name(1)) == "forest");
  CHECK(names->use(1) == RuleUse::Note);
}

TEST_CASE("long names are cut, and found again", "[marker_names]") {
  const auto names = std::make_unique<MarkerNames>();
  const std::string name(1000, 'x');
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool is_new = false;
  REQUIRE(names->find(RuleUse::Scope, name.c_str(), first, is_new));
  REQUIRE(names->find(RuleUse::Scope, name.c_str(), second, is_new));
  CHECK_FALSE(is_new);
  CHECK(first == second);
  CHECK(std::string(names->name(0)) ==
        std::string(MarkerNames::kMaxBytes, 'x'));
}

TEST_CASE("a full table says so", "[marker_names]") {
  const auto names = std::make_unique<MarkerNames>();
  std::uint32_t rule = 0;
  bool is_new = false;
  for (std::uint32_t i = 0; i < MarkerNames::kCapacity; ++i) {
    const std::string name = "scope" + std::to_string(i);
    REQUIRE(names->find(RuleUse::Scope, name.c_str(), rule, is_new));
  }
  CHECK_FALSE(names->find(RuleUse::Scope, "one more", rule, is_new));
  CHECK(names->find(RuleUse::Scope, "scope255", rule, is_new));
}
