// SPDX-License-Identifier: Apache-2.0
//
// Scopes from call stacks, where the recorder saw no call: by address, by the
// name of what was inlined, split at the anchor.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "analysis/infer_scopes.h"
#include "analysis/scope_groups.h"
#include "model/replay.h"
#include "text_trace.h"

using namespace sagemem;

namespace {

// f is at 0x401000, of 64 bytes; load and build are called from there.
const std::string kRun = R"(
  1 t7 malloc 1000 -> 0x100 @ 0x400100
  10 t7 malloc 100 -> 0x1000 @ 0x400100/0x401010/0x402000
  11 t7 malloc 200 -> 0x2000 @ 0x400100/0x401020/0x403000
  12 t8 malloc 7 -> 0x3000 @ 0x400100
  13 t7 free 0x1000
  20 t7 malloc 300 -> 0x1000 @ 0x400100/0x401010/0x402000
  21 t7 realloc_begin 0x2000
  22 t7 realloc_end 50 -> 0x2000 @ 0x400100/0x401020/0x403000
  30 t7 malloc 1 -> 0x4000 @ 0x400200
  40 t8 malloc 5 -> 0x5000 @ 0x400100/0x401040/0x402000
)";

struct Inferred {
  model::Profile profile;
  std::size_t rules = 0;
};

Inferred infer(const std::string& head,
               const std::vector<symbolize::Location>& names = {}) {
  const std::vector<std::uint8_t> bytes =
      test::text_to_trace(head + kRun).bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  Inferred result{model::replay(file)};
  symbolize::Symbolizer symbols(result.profile.modules);
  for (const std::uint64_t pc : {0x400100, 0x400200, 0x402000, 0x403000}) {
    symbols.learn({model::kNoModule, pc}, {{.function = "other"}});
  }
  for (const std::uint64_t pc : {0x401010, 0x401020, 0x401040}) {
    symbols.learn({model::kNoModule, pc},
                  names.empty()
                      ? std::vector<symbolize::Location>{{.function = "outer"}}
                      : names);
  }
  model::ReplayOptions again;
  again.inferred = analysis::rules_to_infer(result.profile, symbols);
  result.rules = again.inferred.size();
  result.profile = model::replay(file, again);
  analysis::mark_inferred(result.profile.scopes, again.inferred);
  return result;
}

void check_run(const Inferred& run) {
  REQUIRE(run.rules == 1);
  const auto& scopes = run.profile.scopes.scopes;
  REQUIRE(scopes.size() == 3);
  CHECK(scopes[0].number == 0);
  CHECK_FALSE(scopes[0].has_number);
  CHECK(scopes[0].begin_ns == 10);
  CHECK(scopes[0].end_ns == 20);
  CHECK(scopes[0].peak_bytes == 300);
  CHECK(scopes[0].escaped_bytes == 200);
  CHECK(scopes[1].begin_ns == 20);
  CHECK(scopes[1].end_ns == 30);
  CHECK(scopes[1].escaped_bytes == 350);
  CHECK(scopes[2].ending == model::ScopeEnding::Open);
  CHECK(scopes[2].live_bytes == 5);
}

}  // namespace

TEST_CASE("scopes of a function that could not be patched, by its address") {
  const Inferred run = infer(R"(
    0 session rule 1 scope forest (number)
    0 session probe 1 begin end inferred protect-refused 0x401000 64 f
  )");
  check_run(run);
  const auto groups = analysis::group_scopes(run.profile.scopes);
  CHECK(analysis::method_text(run.profile.scopes, groups.at(0)) ==
        "inferred at f (protect-refused)");
}

TEST_CASE("scopes of a function that was inlined, by its name") {
  const std::string head = R"(
    0 session rule 1 scope forest (number)
    0 session probe 1 begin end none no-symbol 0x0 0 f
  )";
  check_run(
      infer(head, {{.function = "f", .inlined = true}, {.function = "outer"}}));
  check_run(infer(head, {{.function = "f.constprop.0"}}));
  CHECK(infer(head, {{.function = "f_other"}}).rules == 0);
}

TEST_CASE("scopes that end in another function last until the next begins") {
  const Inferred run = infer(R"(
    0 session rule 1 scope forest
    0 session probe 1 begin none no-symbol 0x0 0 f
    0 session probe 1 end none no-symbol 0x0 0 g
  )",
                             {{.function = "f"}});
  REQUIRE(run.profile.scopes.scopes.size() == 3);
  CHECK(run.profile.scopes.scopes[0].end_ns == 20);
  CHECK(run.profile.scopes.scopes[1].ending == model::ScopeEnding::Open);
  CHECK(run.profile.scopes.scopes[1].live_bytes == 351);
}

TEST_CASE("what the recorder saw is not inferred") {
  CHECK(infer(R"(
    0 session rule 1 scope forest
    0 session probe 1 begin end call-through 0x401000 64 f
  )")
            .rules == 0);
  CHECK(infer(R"(
    0 session rule 1 scope forest
    0 session rule 2 scope forest
    0 session probe 1 begin end none no-symbol 0x0 0 f
    0 session probe 2 begin end call-through 0x401000 64 f
    0 t7 scope_begin 2
    0 t7 scope_end 2
  )")
            .rules == 0);
}
