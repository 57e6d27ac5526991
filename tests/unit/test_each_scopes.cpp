// SPDX-License-Identifier: Apache-2.0
//
// Scopes that begin with new values: from which allocation on, as a first
// replay learns it and a second one makes it.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "model/replay_each.h"
#include "text_trace.h"

using namespace sagemem;

namespace {

// A table is made before the first number is new; load, at 0x401000, begins a
// forest with the block that is released last.
const std::string kHead = R"(
  0 session rule 1 scope forest each (number,nhalos)
  0 session probe 1 begin entry-only 0x401000 64 my_malloc
)";
const std::string kRun = R"(
  1 t7 malloc 1000 -> 0x100 @ 0x400100/0x403000
  2 t7 scope_begin 1 0 77
  3 t7 malloc 1 -> 0x9000 @ 0x400100/0x403000
  4 t7 scope_end 1
  4 t7 scope_begin 1 0 20
  5 t7 malloc 1 -> 0xa000 @ 0x400100/0x404000
  10 t7 malloc 100 -> 0x1000 @ 0x400100/0x401010
  11 t7 malloc 50 -> 0x2000 @ 0x400100/0x402000
  12 t7 free 0x2000
  13 t7 free 0x1000
  20 t7 scope_end 1
  20 t7 scope_begin 1 1 30
  21 t7 malloc 200 -> 0x1000 @ 0x400100/0x401010
  22 t7 malloc 50 -> 0x2000 @ 0x400100/0x402000
  23 t7 free 0x1000
  30 t7 scope_end 1
  30 t7 scope_begin 1 2 40
  31 t7 malloc 300 -> 0x1000 @ 0x400100/0x401010
  32 t7 free 0x1000
  40 t7 scope_end 1
  40 t7 scope_begin 1 3 50
  41 t7 malloc 400 -> 0x1000 @ 0x400100/0x401010
  42 t7 free 0x1000
  45 t7 scope_end 1
  50 t7 malloc 7 -> 0xb000 @ 0x400100/0x405000
)";

model::Profile make_anew(const std::string& text,
                         std::vector<model::EachRule>* learned = nullptr) {
  const std::vector<std::uint8_t> bytes = test::text_to_trace(text).bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  model::EachScopesOf each;
  static_cast<void>(model::replay(file, {}, each));
  each.rules = model::choose_each_rules(each.learned);
  if (learned != nullptr) *learned = each.rules;
  return model::replay(file, {}, each);
}

std::int64_t captured(const model::ScopeProfile& profile,
                      const model::Scope& scope) {
  REQUIRE(profile.captured_of(scope).size() == 2);
  return profile.captured_of(scope)[1].value;
}

}  // namespace

TEST_CASE("scopes begin with the block that comes with a new value") {
  std::vector<model::EachRule> learned;
  const model::Profile profile = make_anew(kHead + kRun, &learned);
  REQUIRE(learned.size() == 1);
  CHECK(learned[0].number == 1);
  CHECK(learned[0].ends_with_block);
  const auto& scopes = profile.scopes.scopes;
  REQUIRE(scopes.size() == 4);
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    CHECK(scopes[i].number == static_cast<std::int64_t>(i));
    CHECK(scopes[i].has_number);
    CHECK(captured(profile.scopes, scopes[i]) ==
          20 + 10 * static_cast<std::int64_t>(i));
    CHECK(scopes[i].ending == model::ScopeEnding::Closed);
  }
  CHECK(scopes[0].begin_ns == 10);
  CHECK(scopes[0].end_ns == 13);
  CHECK(scopes[0].peak_bytes == 150);
  CHECK(scopes[0].escaped_blocks == 0);
  CHECK(scopes[0].floor_bytes == 1002);
  CHECK(scopes[1].begin_ns == 21);
  CHECK(scopes[1].escaped_bytes == 50);
  CHECK(scopes[3].peak_bytes == 400);
  CHECK(profile.scopes.unmatched_ends == 0);
}

TEST_CASE("where the block goes early, scopes last until the next") {
  std::string text = kRun;
  // In the order of their times.
  for (const auto& [before, line] :
       {std::pair{"  20 t7 scope_end", "14 t7 malloc 5 -> 0xc000"},
        std::pair{"  30 t7 scope_end", "24 t7 malloc 5 -> 0xd000"},
        std::pair{"  40 t7 scope_end", "33 t7 malloc 5 -> 0xe000"}}) {
    text.insert(text.find(before),
                std::string("  ") + line + " @ 0x400100/0x402000\n");
  }
  std::vector<model::EachRule> learned;
  const model::Profile profile = make_anew(kHead + text, &learned);
  REQUIRE(learned.size() == 1);
  CHECK_FALSE(learned[0].ends_with_block);
  REQUIRE(profile.scopes.scopes.size() == 4);
  CHECK(profile.scopes.scopes[0].end_ns == 21);
  CHECK(profile.scopes.scopes[0].escaped_bytes == 5);
  CHECK(profile.scopes.scopes[3].ending == model::ScopeEnding::Open);
}

TEST_CASE("what is not clear is left as it was recorded") {
  const std::string few = R"(
    1 t7 scope_begin 1 0 77
    2 t7 malloc 1 -> 0x9000 @ 0x400100/0x403000
    3 t7 scope_end 1
    3 t7 scope_begin 1 1 20
    4 t7 malloc 1 -> 0xa000 @ 0x400100/0x404000
  )";
  std::vector<model::EachRule> learned;
  const model::Profile profile = make_anew(kHead + few, &learned);
  CHECK(learned.empty());
  CHECK(profile.scopes.scopes.size() == 2);
  // A rule of functions is not touched.
  const std::string plain = "  0 session rule 1 scope forest (number,nhalos)\n";
  make_anew(plain + kRun, &learned);
  CHECK(learned.empty());
}
