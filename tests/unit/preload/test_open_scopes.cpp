// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "session/open_scopes.h"

using sagemem::OpenScope;
using sagemem::OpenScopes;

namespace {

OpenScope scope(std::uint32_t rule, std::uint64_t frame) {
  return {frame, 0, rule, false, false};
}

}  // namespace

TEST_CASE("closing takes what was opened later along", "[open_scopes]") {
  OpenScopes scopes;
  scopes.push(scope(1, 0x900));
  scopes.push(scope(2, 0x800));
  scopes.push(scope(1, 0x700));
  scopes.push(scope(3, OpenScopes::kNoFrame));
  // Another call of the rule than the innermost one.
  CHECK(scopes.close(2, 0x800));
  CHECK(scopes.count() == 1);
  CHECK(scopes.innermost().frame == 0x900);
  CHECK_FALSE(scopes.close(1, 0x700));
  CHECK(scopes.close(1, 0x900));
  CHECK(scopes.is_empty());
}

TEST_CASE("a frame below the stack pointer is gone", "[open_scopes]") {
  OpenScopes scopes;
  CHECK_FALSE(scopes.is_below(~std::uint64_t{0}));
  scopes.push(scope(1, 0x900));
  CHECK_FALSE(scopes.is_below(0x8f8));
  CHECK(scopes.is_below(0x900));
  scopes.push(scope(2, OpenScopes::kNoFrame));
  CHECK_FALSE(scopes.is_below(0x900));
}

TEST_CASE("only open scopes are suspect", "[open_scopes]") {
  OpenScopes scopes;
  scopes.suspect();
  CHECK_FALSE(scopes.is_suspect());
  scopes.push(scope(1, 0x900));
  scopes.suspect();
  CHECK(scopes.is_suspect());
  scopes.trust();
  CHECK_FALSE(scopes.is_suspect());
}

TEST_CASE("a marker's end finds the marker", "[open_scopes]") {
  OpenScopes scopes;
  std::uint32_t rule = 0;
  scopes.push(scope(1030, OpenScopes::kNoFrame));
  scopes.push(scope(5, OpenScopes::kNoFrame));
  scopes.push(scope(7, 0x900));
  REQUIRE(scopes.find_unbound(1024, rule));
  CHECK(rule == 1030);
  scopes.close(1030, OpenScopes::kNoFrame);
  CHECK_FALSE(scopes.find_unbound(1024, rule));
}

TEST_CASE("the quick way takes the innermost one alone", "[open_scopes]") {
  OpenScopes scopes;
  CHECK(scopes.takes_quickly());
  CHECK_FALSE(scopes.close_innermost(0, 0));
  scopes.push(scope(1, 0x900));
  scopes.push(scope(2, 0x800));
  CHECK_FALSE(scopes.close_innermost(1, 0x900));
  CHECK_FALSE(scopes.close_innermost(2, 0x900));
  CHECK_FALSE(scopes.close_innermost(1, 0x800));
  CHECK(scopes.count() == 2);
  CHECK(scopes.close_innermost(2, 0x800));
  CHECK(scopes.close_innermost(1, 0x900));
  CHECK(scopes.is_empty());
  scopes.push(scope(1, 0x900));
  scopes.suspect();
  CHECK_FALSE(scopes.takes_quickly());
  scopes.trust();
  while (!scopes.is_full()) scopes.push(scope(1, 0x800));
  CHECK_FALSE(scopes.takes_quickly());
}

TEST_CASE("it is full at its capacity", "[open_scopes]") {
  OpenScopes scopes;
  for (std::uint32_t i = 0; i < OpenScopes::kCapacity; ++i) {
    REQUIRE_FALSE(scopes.is_full());
    scopes.push(scope(i, OpenScopes::kNoFrame));
  }
  CHECK(scopes.is_full());
}
