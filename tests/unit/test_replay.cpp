// SPDX-License-Identifier: Apache-2.0
//
// What a replay makes of small traces, each written out: totals, realloc, the
// peak and who held it, temporary blocks, threads, modules, losses.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "model/replay.h"
#include "text_trace.h"

namespace {

using namespace sagemem;
using model::Profile;
using model::StackId;
using model::StackUse;
using test::FrameNames;
using test::TraceBuilder;

Profile replay(const TraceBuilder& trace) {
  const std::vector<std::uint8_t> bytes = trace.bytes();
  return model::replay(decode::TraceFile(decode::wrap_bytes(bytes)));
}

// A profile, and its stacks by the names of the fixture.
struct Fixture {
  explicit Fixture(const std::string& text)
      : trace(test::text_to_trace(text, names)) {}

  Profile run() { return replay(trace); }

  // What the stack "outer/inner" did; nothing when there is none.
  StackUse use(const Profile& profile, const std::string& path) {
    for (StackId id = 0; id < profile.stacks.size(); ++id) {
      std::string name;
      for (StackId at = id; at != 0; at = profile.stacks.outer(at)) {
        name.insert(0, "/" + names.name(profile.stacks.frame(at).offset));
      }
      if (name == "/" + path) return profile.uses[id];
    }
    return {};
  }

  FrameNames names;
  TraceBuilder trace;
};

}  // namespace

TEST_CASE("totals, sizes and what was never released") {
  Fixture fixture(R"(
    10 t1 malloc 64 -> 0x1000 @ main/a
    20 t1 calloc 100 -> 0x2000 @ main/b
    30 t1 malloc 0 -> 0x3000 @ main/a
    40 t1 free 0x1000
    50 t1 malloc 999 -> failed @ main/a
    60 t1 delete 0x3000
  )");
  const Profile profile = fixture.run();
  CHECK(profile.totals.allocations == 3);
  CHECK(profile.totals.releases == 2);
  CHECK(profile.totals.bytes_allocated == 164);
  CHECK(profile.totals.bytes_released == 64);
  CHECK(profile.totals.failed == 1);
  CHECK(profile.leaked_blocks == 1);
  CHECK(profile.leaked_bytes == 100);
  CHECK(profile.sizes[0].allocations == 1);
  CHECK(profile.sizes[7].allocations == 2);
  CHECK(profile.sizes[7].bytes == 164);
  CHECK(profile.duration_ns == 60);
  CHECK(profile.events == 7);  // with the Thread record
  CHECK(profile.exact());
  CHECK(fixture.use(profile, "main/a").allocations == 2);
  CHECK(fixture.use(profile, "main/b").live_blocks == 1);
  CHECK(fixture.use(profile, "main").allocations == 0);
}

TEST_CASE("the peak, when it was, and who held it") {
  Fixture fixture(R"(
    10 t1 malloc 10 -> 0x1000 @ main/a
    20 t1 malloc 5 -> 0x2000 @ main/b
    30 t1 free 0x1000
    40 t1 malloc 9 -> 0x3000 @ main/c
    50 t1 malloc 1 -> 0x4000 @ main/a
    60 t1 malloc 0 -> 0x5000 @ main/b
  )");
  const Profile profile = fixture.run();
  // 15 bytes are reached at 20 and again at 50: the first time counts.
  CHECK(profile.peak.bytes == 15);
  CHECK(profile.peak.blocks == 2);
  CHECK(profile.peak.time_ns == 20);
  CHECK(fixture.use(profile, "main/a").peak_bytes == 10);
  CHECK(fixture.use(profile, "main/b").peak_bytes == 5);
  CHECK(fixture.use(profile, "main/c").peak_bytes == 0);
  CHECK(fixture.use(profile, "main/c").own_peak_bytes == 9);
  CHECK(fixture.use(profile, "main/a").own_peak_bytes == 10);
}

TEST_CASE("realloc is one release and one allocation, live bytes change once") {
  Fixture fixture(R"(
    10 t1 malloc 100 -> 0x1000 @ main/a
    20 t1 realloc_begin 0x1000
    30 t1 realloc_end 150 -> 0x2000 @ main/grow
  )");
  const Profile profile = fixture.run();
  CHECK(profile.totals.allocations == 2);
  CHECK(profile.totals.releases == 1);
  CHECK(profile.totals.reallocations == 1);
  CHECK(profile.peak.bytes == 150);  // never 250
  CHECK(profile.totals.temporary == 0);
  CHECK(fixture.use(profile, "main/a").live_blocks == 0);
  CHECK(fixture.use(profile, "main/grow").live_bytes == 150);
  REQUIRE(profile.threads.size() == 1);
  CHECK(profile.threads[0].releases == 1);
  CHECK(profile.threads[0].allocations == 2);
}

TEST_CASE("the old address of a realloc may be born again before it returns") {
  Fixture fixture(R"(
    10 t1 malloc 100 -> 0x1000 @ main/a
    20 t1 realloc_begin 0x1000
    25 t2 malloc 30 -> 0x1000 @ other
    30 t1 realloc_end 150 -> 0x2000 @ main/grow
    40 t1 free 0x2000
    50 t2 free 0x1000
  )");
  const Profile profile = fixture.run();
  CHECK(profile.anomalies.duplicate_blocks == 0);
  CHECK(profile.anomalies.unknown_releases == 0);
  CHECK(profile.leaked_blocks == 0);
  // In transit it still counts: 100 + 30.  Then 150 + 30.
  CHECK(profile.peak.bytes == 180);
  CHECK(profile.exact());
}

TEST_CASE("a failed realloc leaves the old block live") {
  Fixture fixture(R"(
    10 t1 malloc 100 -> 0x1000 @ main/a
    20 t1 realloc_begin 0x1000
    30 t1 realloc_end 99999999 -> failed @ main/grow
    40 t1 free 0x1000
  )");
  const Profile profile = fixture.run();
  CHECK(profile.totals.failed == 1);
  CHECK(profile.totals.allocations == 1);
  CHECK(profile.totals.releases == 1);
  CHECK(profile.totals.reallocations == 0);
  CHECK(profile.peak.bytes == 100);
  CHECK(profile.leaked_blocks == 0);
  CHECK(profile.exact());
}

TEST_CASE("realloc to no bytes releases") {
  Fixture fixture(R"(
    10 t1 malloc 100 -> 0x1000 @ main/a
    20 t1 realloc_begin 0x1000
    30 t1 realloc_end 0 -> released @ main/a
  )");
  const Profile profile = fixture.run();
  CHECK(profile.totals.releases == 1);
  CHECK(profile.totals.failed == 0);
  CHECK(profile.totals.temporary == 1);
  CHECK(profile.leaked_blocks == 0);
}

TEST_CASE("a realloc that never returns leaves its block live") {
  Fixture fixture(R"(
    10 t1 malloc 100 -> 0x1000 @ main/a
    20 t1 realloc_begin 0x1000
  )");
  const Profile profile = fixture.run();
  CHECK(profile.leaked_blocks == 1);
  CHECK(profile.leaked_bytes == 100);
  CHECK(profile.totals.releases == 0);
  CHECK(profile.exact());
}

TEST_CASE("reallocs of one thread may nest in a signal handler") {
  Fixture fixture(R"(
    10 t1 malloc 100 -> 0x1000 @ main/a
    20 t1 malloc 10 -> 0x2000 @ main/b
    30 t1 realloc_begin 0x1000
    40 t1 realloc_begin 0x2000
    50 t1 realloc_end 20 -> 0x4000 @ handler
    60 t1 realloc_end 200 -> 0x3000 @ main/a
  )");
  const Profile profile = fixture.run();
  CHECK(fixture.use(profile, "handler").live_bytes == 20);
  CHECK(fixture.use(profile, "main/a").live_bytes == 200);
  CHECK(profile.leaked_bytes == 220);
  CHECK(profile.exact());
}

TEST_CASE("temporary: released before its thread allocated again") {
  Fixture fixture(R"(
    10 t1 malloc 1 -> 0x1000 @ yes
    20 t1 free 0x1000
    30 t1 malloc 1 -> 0x1000 @ no
    40 t1 malloc 1 -> 0x2000 @ yes
    50 t1 free 0x2000
    60 t1 free 0x1000
    70 t1 malloc 1 -> 0x1000 @ yes
    75 t2 malloc 1 -> 0x3000 @ kept
    80 t2 free 0x1000
    90 t1 malloc 1 -> 0x5000 @ grown
    91 t1 realloc_begin 0x5000
    92 t1 realloc_end 2 -> 0x5000 @ yes
    93 t1 free 0x5000
  )");
  const Profile profile = fixture.run();
  CHECK(profile.totals.temporary == 4);
  CHECK(fixture.use(profile, "yes").temporary == 4);
  CHECK(fixture.use(profile, "no").temporary == 0);
  CHECK(fixture.use(profile, "grown").temporary == 0);
}

TEST_CASE("a writer that was recycled starts anew") {
  Fixture fixture(R"(
    1 t7 thread w1 first
    10 t7 malloc 1 -> 0x1000 @ a
    20 t8 thread w1 second
    30 t8 free 0x1000
    40 t8 malloc 5 -> 0x2000 @ a
  )");
  const Profile profile = fixture.run();
  CHECK(profile.totals.temporary == 0);
  REQUIRE(profile.threads.size() == 2);
  CHECK(profile.threads[0].tid == 7);
  CHECK(profile.threads[0].name == "first");
  CHECK(profile.threads[0].allocations == 1);
  CHECK(profile.threads[0].releases == 0);
  CHECK(profile.threads[1].name == "second");
  CHECK(profile.threads[1].releases == 1);
  CHECK(profile.threads[1].bytes_allocated == 5);
}

TEST_CASE("releases of blocks that were never born") {
  Fixture fixture(R"(
    10 t1 free 0x1000
    20 t1 realloc_begin 0x2000
    30 t1 realloc_end 10 -> 0x3000 @ main
    40 t1 realloc_begin 0x4000
    50 t1 realloc_end 10 -> failed @ main
  )");
  SECTION("contradict the trace") {
    const Profile profile = fixture.run();
    CHECK(profile.anomalies.unknown_releases == 2);
    CHECK(profile.anomalies.inherited_releases == 0);
    CHECK(profile.totals.releases == 0);
    CHECK(profile.totals.allocations == 1);
    CHECK_FALSE(profile.exact());
  }
  SECTION("are the parent's in a fork child") {
    fixture.trace.header.flags |= trace::kFlagForked;
    const Profile profile = fixture.run();
    CHECK(profile.anomalies.unknown_releases == 0);
    CHECK(profile.anomalies.inherited_releases == 2);
    CHECK(profile.exact());
  }
}

TEST_CASE("a block born twice replaces the first") {
  Fixture fixture(R"(
    10 t1 malloc 100 -> 0x1000 @ a
    20 t1 malloc 10 -> 0x1000 @ b
  )");
  const Profile profile = fixture.run();
  CHECK(profile.anomalies.duplicate_blocks == 1);
  CHECK(profile.leaked_bytes == 10);
  CHECK(profile.leaked_blocks == 1);
  CHECK(fixture.use(profile, "a").live_blocks == 0);
  CHECK_FALSE(profile.exact());
}

TEST_CASE("mapped memory is counted apart from the heap") {
  Fixture fixture(R"(
    10 t1 mmap 8192 -> 0x10000 @ main
    20 t1 munmap 0x11000 4096 @ main
    30 t1 brk 4096 -> 0x500000 @ main
    40 t1 malloc 5 -> 0x500010 @ main
  )");
  const Profile profile = fixture.run();
  CHECK(profile.mapped.maps == 2);
  CHECK(profile.mapped.unmaps == 1);
  CHECK(profile.mapped.bytes_mapped == 12288);
  CHECK(profile.mapped.live_bytes == 8192);
  CHECK(profile.mapped.peak_bytes == 8192);
  CHECK(profile.peak.bytes == 5);
  CHECK(profile.totals.allocations == 1);
}

TEST_CASE("modules over time, and frames of the recorder") {
  Fixture fixture(R"(
    0 session module 0 0x1000-0x2000 bias 0x1000 id 0aff exe /bin/prog
    0 session module 1 0x8000-0x9000 bias 0x8000 recorder /lib/libsagemem.so
    5 session module 2 0x4000-0x5000 bias 0x3000 /lib/plugin_a.so
    10 t1 new 8 -> 0xa000 @ 0x1100/0x4100/0x8100
    20 session unload 2
    30 session module 3 0x4000-0x5000 bias 0x4000 /lib/plugin_b.so
    40 t1 malloc 8 -> 0xb000 @ 0x1100
    50 t1 new 8 -> 0xc000 @ 0x1100/0x4100/0x8100
    60 t1 malloc 8 -> 0xd000 @ 0x1100/0x77770000
  )");
  const Profile profile = fixture.run();
  REQUIRE(profile.modules.size() == 4);
  CHECK(profile.modules[0].is_executable);
  CHECK(profile.modules[0].build_id == std::vector<std::uint8_t>{0x0a, 0xff});
  CHECK(profile.modules[1].is_recorder);
  CHECK(profile.modules[2].unloaded_ns == 20);
  CHECK(profile.modules[3].loaded_ns == 30);
  std::vector<model::Frame> frames;
  for (StackId id = 1; id < profile.stacks.size(); ++id) {
    frames.push_back(profile.stacks.frame(id));
  }
  CHECK(frames == std::vector<model::Frame>{{0, 0x100},
                                            {2, 0x1100},
                                            {3, 0x100},
                                            {model::kNoModule, 0x77770000}});
  CHECK(profile.anomalies.unknown_code == 1);
  CHECK(profile.exact());
}

TEST_CASE("facts of the process") {
  Fixture fixture(R"(
    0 session info command prog\x00-x
    0 session info host node7
    0 session info environment A=1
    0 session info environment B=2
    5 session resident 1000 10
    10 t1 malloc 8 -> 0xa000 @ main
    12 session resident 3000 10
    20 session fork 55
    30 session fork 56
  )");
  const Profile profile = fixture.run();
  CHECK(profile.info_value("command") == std::string("prog\0-x", 7));
  CHECK(profile.info_value("host") == "node7");
  CHECK(profile.info_value("environment") == "A=1");
  CHECK(profile.info_value("none").empty());
  CHECK(profile.info.size() == 4);
  CHECK(profile.children == std::vector<std::int32_t>{55, 56});
  CHECK(profile.peak.resident_bytes == 3000);
  CHECK(profile.peak.resident_time_ns == 12);
}

TEST_CASE("what the recorder lost makes the numbers inexact") {
  Fixture fixture("10 t1 malloc 8 -> 0xa000 @ main\n");
  SECTION("nothing lost") {
    CHECK(fixture.run().exact());
  }
  SECTION("counted in the header") {
    fixture.trace.header.losses[0] = 3;
    fixture.trace.header.losses[31] = 1;  // of a later minor version
    const Profile profile = fixture.run();
    CHECK(profile.lost_events() == 4);
    CHECK_FALSE(profile.exact());
  }
  SECTION("counted by a writer") {
    fixture.trace.segment(1).lost_allocs = 2;
    fixture.trace.segment(1).lost_releases = 5;
    CHECK(fixture.run().lost_events() == 7);
  }
  SECTION("absurdly many") {
    fixture.trace.header.losses[0] = ~std::uint64_t{0};
    fixture.trace.header.losses[1] = 7;
    CHECK(fixture.run().lost_events() == ~std::uint64_t{0});
  }
  SECTION("recording stopped early") {
    fixture.trace.header.stop_reason =
        static_cast<std::uint32_t>(trace::StopReason::NoSpace);
    CHECK_FALSE(fixture.run().exact());
  }
  SECTION("a notice is no loss") {
    fixture.trace.header.notices[0] = 5;
    CHECK(fixture.run().exact());
  }
}

TEST_CASE("progress goes from nothing to all") {
  TraceBuilder trace;
  for (std::uint64_t i = 0; i < 100000; ++i) {
    trace.alloc(1, i, 8, 0x1000 + 16 * i, {0x400000});
  }
  const std::vector<std::uint8_t> bytes = trace.bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  double last = 0;
  int calls = 0;
  model::ReplayOptions options;
  options.progress_interval = 1000;
  model::replay(file, options, [&](double share) {
    CHECK(share >= last);
    CHECK(share <= 1);
    last = share;
    ++calls;
  });
  CHECK(calls == 100);
}
