// SPDX-License-Identifier: Apache-2.0
//
// Scopes in cases that random programs do not come to, each small enough to be
// added up by hand.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "model/level_maxima.h"
#include "model/replay.h"
#include "text_trace.h"

namespace {

using namespace sagemem;
using model::Profile;
using model::Scope;
using model::ScopeEnding;

Profile replay(const std::string& text) {
  const std::vector<std::uint8_t> bytes = test::text_to_trace(text).bytes();
  return model::replay(decode::TraceFile(decode::wrap_bytes(bytes)));
}

}  // namespace

TEST_CASE("a scope has what was born in it, and what stays escapes") {
  const Profile profile = replay(R"(
    0 session rule 1 scope forest (number,last@end)
    0 session rule 2 note nhalos (value@end)
    1 t7 malloc 1000 -> 0x1000 @ main
    2 t7 scope_begin 1 812
    3 t7 malloc 100 -> 0x2000 @ main/a
    4 t7 malloc 200 -> 0x3000 @ main/b
    5 t7 note 2 4711
    6 t7 free 0x1000
    7 t7 free 0x2000
    8 t7 scope_end 1 -9
    9 t7 free 0x3000
  )");
  REQUIRE(profile.scopes.scopes.size() == 1);
  const Scope& scope = profile.scopes.scopes[0];
  CHECK(scope.number == 812);
  CHECK(scope.has_number);
  CHECK(scope.peak_bytes == 300);
  CHECK(scope.total_peak_bytes == 1300);
  CHECK(scope.allocated_blocks == 2);
  CHECK(scope.releases() == 1);
  CHECK(scope.escaped_bytes == 200);
  CHECK(scope.live_bytes == 0);
  CHECK(scope.floor_bytes == 200);
  const auto captured = profile.scopes.captured_of(scope);
  REQUIRE(captured.size() == 3);
  CHECK(profile.scopes.keys[captured[1].key] == "nhalos");
  CHECK(captured[1].value == 4711);
  CHECK(profile.scopes.keys[captured[2].key] == "last");
  CHECK(captured[2].value == -9);
  REQUIRE(profile.scopes.escapes.size() == 1);
  CHECK(profile.scopes.escapes[0].bytes == 200);
  CHECK(profile.scopes.escapes[0].live_bytes == 0);
}

TEST_CASE("a value that could not be read is none") {
  const Profile profile = replay(R"(
    0 session rule 1 scope forest (number,size)
    1 t7 scope_begin 1 -9223372036854775808 5
    2 t7 scope_end 1
  )");
  REQUIRE(profile.scopes.scopes.size() == 1);
  CHECK(profile.scopes.scopes[0].number == 0);
  CHECK_FALSE(profile.scopes.scopes[0].has_number);
  REQUIRE(profile.scopes.captured.size() == 1);
  CHECK(profile.scopes.keys[profile.scopes.captured[0].key] == "size");
}

TEST_CASE("realloc moves a block into the scope of the moment") {
  const Profile profile = replay(R"(
    1 t7 scope_begin 1
    2 t7 malloc 100 -> 0x1000 @ main
    3 t7 realloc_begin 0x1000
    4 t7 scope_end 1
    5 t7 scope_begin 1
    6 t7 realloc_end 400 -> 0x1000 @ main
    7 t7 scope_end 1
  )");
  REQUIRE(profile.scopes.scopes.size() == 2);
  CHECK(profile.scopes.scopes[0].escaped_bytes == 100);
  CHECK(profile.scopes.scopes[0].live_bytes == 0);
  CHECK(profile.scopes.scopes[1].escaped_bytes == 400);
  CHECK(profile.scopes.scopes[1].live_bytes == 400);
  CHECK(profile.scopes.scopes[1].number == 1);
  CHECK(profile.scopes.rules[0].name == "rule 1");
}

TEST_CASE("the scopes of a thread end with it, process-wide ones do not") {
  const Profile profile = replay(R"(
    1 t7 thread w1 first
    2 t7 scope_begin 1
    3 t7 scope_begin 2 process
    4 t7 malloc 100 -> 0x1000 @ main
    5 t8 thread w1 second
    6 t8 malloc 10 -> 0x2000 @ main
    7 t9 malloc 1 -> 0x3000 @ main
    8 t9 scope_end 2
    9 t9 malloc 1 -> 0x4000 @ main
  )");
  REQUIRE(profile.scopes.scopes.size() == 2);
  CHECK(profile.scopes.scopes[0].ending == ScopeEnding::ThreadEnded);
  CHECK(profile.scopes.scopes[0].allocated_bytes == 100);
  CHECK(profile.scopes.scopes[0].end_ns == 5);
  CHECK(profile.scopes.scopes[1].ending == ScopeEnding::Closed);
  CHECK(profile.scopes.scopes[1].allocated_bytes == 111);
  CHECK(profile.scopes.scopes[1].outer == 0);
}

TEST_CASE("scopes too deep are counted, and their ends passed over") {
  test::TraceBuilder trace;
  for (std::uint64_t i = 0; i < 300; ++i) trace.scope_begin(1, i, 1);
  trace.alloc(1, 300, 8, 0x1000, {});
  for (std::uint64_t i = 301; i < 601; ++i) trace.scope_end(1, i, 1);
  trace.scope_end(1, 601, 1);
  const std::vector<std::uint8_t> bytes = trace.bytes();
  const Profile profile =
      model::replay(decode::TraceFile(decode::wrap_bytes(bytes)));
  CHECK(profile.scopes.scopes.size() == 256);
  CHECK(profile.scopes.too_deep == 44);
  CHECK(profile.scopes.unmatched_ends == 1);
  for (const Scope& scope : profile.scopes.scopes) {
    REQUIRE(scope.ending == ScopeEnding::Closed);
    REQUIRE(scope.allocated_bytes == 8);
  }
}

TEST_CASE("the resident set is that of the sample nearest to the end") {
  const Profile profile = replay(R"(
    0 session resident 1000 0
    10 t7 scope_begin 1
    11 t7 scope_end 1
    20 t7 scope_begin 1
    95 t7 scope_end 1
    100 session resident 2000 0
    900 t7 scope_begin 1
    901 t7 scope_end 1
  )");
  REQUIRE(profile.scopes.scopes.size() == 3);
  CHECK(profile.scopes.scopes[0].resident_bytes == 1000);
  CHECK(profile.scopes.scopes[0].resident_distance_ns == -11);
  CHECK(profile.scopes.scopes[1].resident_bytes == 2000);
  CHECK(profile.scopes.scopes[1].resident_distance_ns == 5);
  CHECK(profile.scopes.scopes[2].resident_bytes == 2000);
  CHECK(profile.scopes.scopes[2].resident_distance_ns == -801);
}

TEST_CASE("a label is for blocks that come through its function") {
  const Profile profile = replay(R"(
    0 session module 0 0x400000-0x500000 bias 0x400000 exe /bin/prog
    0 session module 1 0x600000-0x700000 bias 0x600000 recorder /libsagemem.so
    0 session rule 4 label kind (value)
    0 session probe 4 begin call-through 0x401000 32 mymalloc
    1 t7 label 4 2
    2 t7 malloc 10 -> 0x1000 @ 0x400100/0x401010
    3 t7 malloc 20 -> 0x2000 @ 0x400100/0x401020
    4 t7 malloc 40 -> 0x3000 @ 0x400100/0x401021
    5 t7 malloc 80 -> 0x4000 @ 0x400100/0x600010/0x401001
    6 t8 malloc 160 -> 0x5000 @ 0x400100/0x401010
    7 t7 label 4 3
    8 t7 free 0x1000
    9 t7 malloc 320 -> 0x6000 @ 0x400100/0x401010
    10 t7 snapshot half way
  )");
  REQUIRE(profile.scopes.labels.size() == 2);
  CHECK(profile.scopes.labels[0].value == 2);
  CHECK(profile.scopes.labels[0].allocated_bytes == 110);
  CHECK(profile.scopes.labels[0].live_bytes == 100);
  CHECK(profile.scopes.labels[0].peak_bytes == 100);
  CHECK(profile.scopes.labels[0].own_peak_bytes == 110);
  CHECK(profile.scopes.labels[1].value == 3);
  CHECK(profile.scopes.labels[1].live_bytes == 320);
  CHECK(profile.scopes.label_stacks.size() == 4);
  REQUIRE(profile.scopes.snapshots.size() == 1);
  CHECK(profile.scopes.snapshots[0].label == "half way");
  CHECK(profile.scopes.snapshots[0].live_bytes == 620);
}

TEST_CASE("a label that two rules give has one highest point") {
  const Profile profile = replay(R"(
    0 session module 0 0x400000-0x500000 bias 0x400000 exe /bin/prog
    0 session rule 1 label kind (value)
    0 session rule 2 label kind (value)
    0 session rule 3 label other (value)
    0 session probe 1 begin entry-only 0x401000 32 my_malloc
    0 session probe 2 begin entry-only 0x402000 32 my_realloc
    0 session probe 3 begin entry-only 0x402000 32 my_realloc
    1 t7 label 1 5
    1 t7 label 2 5
    1 t7 label 3 5
    2 t7 malloc 10 -> 0x1000 @ 0x400100/0x401010
    3 t7 malloc 20 -> 0x2000 @ 0x400100/0x402010
    4 t7 malloc 40 -> 0x3000 @ 0x400100/0x402010/0x401010
    5 t7 free 0x1000
    6 t7 free 0x3000
    7 t7 malloc 45 -> 0x4000 @ 0x400100/0x401010
    8 t7 label 1 6
    9 t7 malloc 1000 -> 0x5000 @ 0x400100/0x401010
  )");
  const auto& labels = profile.scopes.labels;
  REQUIRE(labels.size() == 4);
  CHECK(labels[0].own_peak_bytes == 70);
  CHECK(labels[1].own_peak_bytes == 1000);
  CHECK(labels[2].own_peak_bytes == 70);
  CHECK(labels[3].own_peak_bytes == 60);
}

TEST_CASE("the highest level since each moment") {
  model::LevelMaxima levels;
  levels.start(0, 9);
  levels.start(1, 5);
  levels.start(2, 2);
  levels.raise(4);
  CHECK(levels.since(2) == 4);
  levels.raise(6);
  CHECK(levels.since(0) == 9);
  CHECK(levels.since(1) == 6);
  levels.start(5, 6);
  levels.start(6, 1);
  CHECK(levels.since(2) == 6);
  CHECK(levels.since(6) == 1);
  levels.raise(20);
  CHECK(levels.since(0) == 20);
  CHECK(levels.since(6) == 20);
}
