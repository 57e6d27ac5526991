// SPDX-License-Identifier: Apache-2.0
//
// Models of allocators under random loads: no two blocks overlap, nothing is
// lost, and what is held is what an obvious sum says.  And whole traces through
// them, against a model that keeps everything in ordered maps.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <map>
#include <vector>

#include "analysis/glibc_model.h"
#include "analysis/pool_model.h"
#include "analysis/reuse.h"
#include "analysis/slab_model.h"
#include "model/replay.h"
#include "random_program.h"
#include "text_trace.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using analysis::AllocatorModel;
using analysis::ReuseChoice;
using analysis::ReuseKind;
using Place = AllocatorModel::Place;
using trace::Kind;

struct Live {
  Place place;
  std::uint64_t size;
};

// Small ones mostly, a few large.
std::uint64_t random_size(test::Random& random) {
  return random.next() >> (43 + random.below(21));
}

// Random calls; `check` is asked after each.
template <typename Check>
void exercise(AllocatorModel& model, std::uint64_t seed, std::size_t steps,
              const Check& check) {
  test::Random random(seed);
  std::vector<Live> live;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::uint64_t what = random.below(10);
    const std::uint64_t size = random_size(random);
    if (live.empty() || what < 5) {
      live.push_back({model.allocate(size), size});
    } else {
      Live& one = live[random.below(live.size())];
      if (what < 8) {
        model.release(one.place);
        one = live.back();
        live.pop_back();
      } else {
        one = {model.resize(one.place, size), size};
      }
    }
    check(live);
  }
  for (const Live& one : live) model.release(one.place);
}

// In an order in which each may touch the next.
bool are_apart(std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges) {
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i - 1].first + ranges[i - 1].second > ranges[i].first) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("the glibc model covers its heap with chunks") {
  constexpr std::uint64_t kMapped = std::uint64_t{1} << 63;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    analysis::GlibcModel model;
    exercise(model, seed, 400, [&model](const std::vector<Live>& live) {
      std::uint64_t in_heap = 0;
      std::uint64_t mapped = 0;
      std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
      for (const Live& one : live) {
        REQUIRE(one.place.bytes >= one.size + 8);
        if (one.place.address == kMapped) {
          REQUIRE(one.place.bytes % 4096 == 0);
          mapped += one.place.bytes;
        } else {
          REQUIRE(one.place.bytes % 16 == 0);
          in_heap += one.place.bytes;
          ranges.emplace_back(one.place.address, one.place.bytes);
          REQUIRE(one.place.address + one.place.bytes <=
                  model.heap_bytes() - model.top_bytes());
        }
      }
      REQUIRE(are_apart(ranges));
      REQUIRE(in_heap + model.free_bytes() + model.top_bytes() ==
              model.heap_bytes());
      REQUIRE(model.held_bytes() == model.heap_bytes() + mapped);
    });
  }
}

TEST_CASE("the glibc model does what glibc does") {
  analysis::GlibcModel model;
  const Place small = model.allocate(104);
  CHECK(small.bytes == 112);
  CHECK(model.allocate(1).bytes == 32);
  CHECK(model.held_bytes() == 135168);  // 132 KiB, as after a first malloc
  model.release(small);
  CHECK(model.allocate(100).address == small.address);
  const std::uint64_t before = model.held_bytes();
  const Place large = model.allocate(1 << 20);
  CHECK(model.held_bytes() == before + (1 << 20) + 4096);
  model.release(large);
  CHECK(model.held_bytes() == before);
  // From now on such a block comes from the heap.
  const Place again = model.allocate(1 << 20);
  CHECK(again.address < model.heap_bytes());
  model.release(again);
  // Below the trim threshold: it keeps that.
  CHECK(model.held_bytes() == before + (1 << 20));
}

TEST_CASE("slabs and buddies hold what their blocks need") {
  for (std::uint64_t size = 1; size <= 4096; ++size) {
    const std::uint64_t bytes = analysis::SlabModel::class_bytes(size);
    REQUIRE(bytes >= size);
    REQUIRE((size <= 64 || bytes * 4 <= size * 5 + 3));
    REQUIRE(analysis::SlabModel::class_bytes(bytes) == bytes);
  }
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    analysis::SlabModel model;
    exercise(model, seed, 400, [&model](const std::vector<Live>& live) {
      std::map<std::uint64_t, std::uint64_t> slabs;  // number to bytes
      std::uint64_t needed = 0;
      for (const Live& one : live) {
        REQUIRE(one.place.bytes >= one.size);
        if (one.size > analysis::SlabModel::kMost) {
          needed += one.place.bytes;
        } else {
          slabs[one.place.address] += one.place.bytes;
        }
      }
      for (const auto& [number, bytes] : slabs) REQUIRE(bytes <= 64 * 1024);
      needed += slabs.size() * 64 * 1024;
      REQUIRE(model.held_bytes() >= needed);
      // One empty slab of 25 classes each, and halves of 128 KiB.
      REQUIRE(model.held_bytes() <= 2 * needed + 27 * 128 * 1024);
    });
  }
}

TEST_CASE("buddies do not overlap, and all comes back") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    analysis::BuddyModel model;
    exercise(model, seed, 400, [](const std::vector<Live>& live) {
      std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
      for (const Live& one : live) {
        REQUIRE(one.place.bytes >= one.size);
        if (one.place.address != 1) {
          REQUIRE(one.place.address % one.place.bytes == 0);
          ranges.emplace_back(one.place.address, one.place.bytes);
        }
      }
      REQUIRE(are_apart(ranges));
    });
    REQUIRE(model.held_bytes() == 0);
  }
}

TEST_CASE("a pool has chunks for its blocks") {
  analysis::PoolModel model(104);
  std::vector<Place> places;
  std::map<std::uint64_t, std::uint64_t> chunks;
  for (int i = 0; i < 2000; ++i) {
    places.push_back(model.allocate(104));
    ++chunks[places.back().address];
  }
  const std::uint64_t in_chunk = 64 * 1024 / 104;
  for (const auto& [chunk, count] : chunks) CHECK(count <= in_chunk);
  CHECK(chunks.size() == (2000 + in_chunk - 1) / in_chunk);
  CHECK(model.held_bytes() == chunks.size() * 64 * 1024);
  CHECK(model.calls() == chunks.size());
  for (const Place& place : places) model.release(place);
  CHECK(model.held_bytes() == 64 * 1024);  // one chunk is kept
}

TEST_CASE("an arena begins anew with each scope and keeps its memory") {
  analysis::ArenaModel model;
  model.use_scope(1);
  const Place first = model.allocate(100);
  CHECK(first.bytes == 112);
  const Place last = model.allocate(5000);
  CHECK(model.held_bytes() == 8192);
  CHECK(model.resize(last, 9000).address == last.address);
  CHECK(model.held_bytes() == 12288);
  CHECK(model.resize(first, 200).address != first.address);
  model.release(first);
  CHECK(model.held_bytes() == 12288);
  model.use_scope(2);  // both are open
  CHECK(model.allocate(1).address == 0);
  CHECK(model.held_bytes() == 16384);
  model.close_scope(1);
  model.use_scope(3);
  CHECK(model.allocate(8000).address == 0);
  CHECK(model.held_bytes() == 16384);
}

// ---------------------------------------------------------------- whole traces

namespace {

// Every stack is a site of its own.
struct Run {
  explicit Run(std::vector<std::uint8_t> trace)
      : bytes(std::move(trace)),
        file(decode::wrap_bytes(bytes)),
        profile(model::replay(file)) {
    static const symbolize::Location nowhere;
    for (model::StackId id = 0; id < profile.stacks.size(); ++id) {
      sites.sites.push_back({&nowhere, profile.uses[id], {id}});
      sites.site_of_stack.push_back(id);
    }
  }

  analysis::ReplayAgain again() {
    return [this](const auto& options) { return model::replay(file, options); };
  }

  std::vector<std::uint8_t> bytes;
  decode::TraceFile file;
  model::Profile profile;
  analysis::SiteTable sites;
};

std::vector<std::uint8_t> trace_of(const std::vector<test::Step>& steps) {
  test::TraceBuilder trace;
  append(steps, trace);
  return trace.bytes();
}

// The present allocator, with everything in ordered maps.
analysis::Held run_slowly(const std::vector<test::Step>& steps,
                          AllocatorModel& model) {
  std::map<std::uint64_t, Live> live;
  std::map<std::uint32_t, std::pair<std::uint64_t, Live>> moving;
  analysis::Held highest;
  const auto note = [&] {
    if (model.held_bytes() <= highest.bytes) return;
    highest = {model.held_bytes(), 0};
    for (const auto& [address, one] : live) highest.live_bytes += one.size;
    for (const auto& [writer, one] : moving) {
      highest.live_bytes += one.second.size;
    }
  };
  for (const test::Step& step : steps) {
    if (step.kind == Kind::Alloc) {
      live[step.address] = {model.allocate(step.size), step.size};
      note();
    } else if (step.kind == Kind::Free) {
      model.release(live.at(step.address).place);
      live.erase(step.address);
    } else if (step.kind == Kind::ReallocBegin) {
      moving[step.writer] = {step.address, live.at(step.address)};
      live.erase(step.address);
    } else if (step.kind == Kind::ReallocEnd) {
      const auto [old_address, old] = moving.at(step.writer);
      moving.erase(step.writer);
      if (step.address != 0) {
        live[step.address] = {model.resize(old.place, step.size), step.size};
        note();
      } else if (step.size != 0) {
        live[old_address] = old;
      } else {
        model.release(old.place);
      }
    }
  }
  return highest;
}

}  // namespace

TEST_CASE("300 random programs through the models, against ordered maps") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    test::ProgramOptions program;
    program.seed = seed;
    program.steps = 30 + seed * 37 % 300;
    program.threads = 1 + static_cast<std::uint32_t>(seed % 5);
    program.max_live = 1 + seed * 13 % 60;
    program.max_depth = 2;
    const std::vector<test::Step> steps = test::make_program(program);
    Run run(trace_of(steps));
    const analysis::Reuse got =
        analysis::simulate_reuse(run.profile, run.sites, {}, run.again());
    analysis::GlibcModel glibc;
    const analysis::Held present = run_slowly(steps, glibc);
    REQUIRE(got.present.bytes == present.bytes);
    REQUIRE(got.present.live_bytes == present.live_bytes);
    analysis::SlabModel slabs;
    const analysis::Held slab = run_slowly(steps, slabs);
    REQUIRE(got.slab.bytes == slab.bytes);
    REQUIRE(got.slab.live_bytes == slab.live_bytes);
  }
}

TEST_CASE("what is chosen for pools and arenas, and what they save") {
  std::string text = R"(
    0 session rule 1 scope forest
    0 session resident 1000000 900000
  )";
  std::uint64_t ticks = 10;
  for (int forest = 0; forest < 30; ++forest) {
    text += fmt::format("{} t1 scope_begin 1\n", ticks);
    for (int i = 0; i < 40; ++i) {  // one size, gone with the scope
      text += fmt::format("{} t1 malloc 104 -> 0x{:x} @ main/halo\n",
                          ticks += 10, 0x10000 + i * 256);
    }
    text += fmt::format("{} t1 malloc {} -> 0x90000 @ main/array\n",
                        ticks += 10, 2000 + 16 * forest);
    text += fmt::format("{} t1 malloc 48 -> 0x{:x} @ main/kept\n", ticks += 10,
                        0xa0000 + forest * 64);
    for (int i = 0; i < 40; ++i) {
      text +=
          fmt::format("{} t1 free 0x{:x}\n", ticks += 10, 0x10000 + i * 256);
    }
    text += fmt::format("{} t1 free 0x90000\n", ticks += 10);
    text += fmt::format("{} t1 scope_end 1\n", ticks += 10);
  }
  Run run(test::text_to_trace(text).bytes());
  const std::vector<ReuseChoice> choices =
      analysis::find_reuse_choices(run.profile, run.sites, run.again());
  std::size_t pools = 0;
  std::size_t arenas = 0;
  for (const ReuseChoice& choice : choices) {
    if (choice.kind == ReuseKind::Pool) {
      ++pools;
      CHECK((choice.block_bytes == 104 || choice.block_bytes == 48));
    } else {
      ++arenas;
      CHECK(choice.scope == "forest");
      CHECK(choice.blocks != 30 + 30);
    }
  }
  CHECK(pools == 2);   // halo and kept
  CHECK(arenas == 3);  // halo, array, and both together
  const analysis::Reuse reuse =
      analysis::simulate_reuse(run.profile, run.sites, choices, run.again());
  REQUIRE(reuse.results.size() == choices.size());
  CHECK(reuse.error.samples == 1);
  const analysis::ReuseResult& best = reuse.results.front();
  CHECK(best.choice.kind == ReuseKind::Arena);
  CHECK(best.choice.sites.size() == 2);
  CHECK(best.calls_now == 30 * 41 * 2);
  CHECK(best.calls_then < 10);
  for (const analysis::ReuseResult& one : reuse.results) {
    if (one.choice.block_bytes != 104) continue;
    CHECK(one.calls_now == 30 * 40 * 2);
    CHECK(one.calls_then == 1);
  }
}
