// SPDX-License-Identifier: Apache-2.0
//
// The feed in a thread of its own and in the caller's: both hand over what the
// plain reader reads, with the stacks as nodes, whole traces and damaged ones;
// and what a replay makes of it does not depend on which it was.
//
// Built once with the library that ships and once under ThreadSanitizer.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decode/event_reader.h"
#include "decode/text.h"
#include "decode/trace_error.h"
#include "model/event_feed.h"
#include "model/replay.h"
#include "mutation.h"
#include "random_program.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using decode::Event;
using model::EventBatch;
using model::EventFeed;
using model::Threads;
using Bytes = std::vector<std::uint8_t>;

// What was read, and how it ended.
struct Reading {
  std::vector<std::string> events;
  std::optional<std::uint64_t> error;  // its offset
  decode::DecodeStats stats;
};

void compare(const Reading& got, const Reading& want) {
  // Not in one expression, which would print all of them.
  REQUIRE(got.events.size() == want.events.size());
  for (std::size_t i = 0; i < want.events.size(); ++i) {
    if (got.events[i] != want.events[i])
      REQUIRE(got.events[i] == want.events[i]);
  }
  REQUIRE(got.error == want.error);
  if (want.error) return;
  REQUIRE(got.stats.events == want.stats.events);
  REQUIRE(got.stats.segments == want.stats.segments);
  REQUIRE(got.stats.torn_segments == want.stats.torn_segments);
  REQUIRE(got.stats.torn_bytes == want.stats.torn_bytes);
  REQUIRE(got.stats.bytes_read == want.stats.bytes_read);
}

// Program counters are what the traces here have in place of modules, so that
// the frames of a node are those of the event.
std::string describe(Event event, const std::vector<std::uint64_t>& stack) {
  event.stack = stack;
  event.has_stack = true;
  return decode::print_event(event, {}) + " w" + std::to_string(event.writer) +
         // Of these kinds only, see Event.
         (event.kind == trace::Kind::ScopeBegin && event.is_process_wide
              ? " wide"
              : "") +
         (event.kind == trace::Kind::ScopeEnd && event.is_abandoned
              ? " abandoned"
              : "");
}

Reading read_plainly(const decode::TraceFile& file) {
  Reading result;
  decode::EventReader reader(file);
  try {
    while (const Event* event = reader.next()) {
      result.events.push_back(
          describe(*event, {event->stack.begin(), event->stack.end()}));
    }
  } catch (const decode::TraceError& error) {
    result.error = error.offset();
  }
  result.stats = reader.stats();
  return result;
}

Event restore(const EventBatch& batch, const EventBatch::Entry& entry,
              const decode::TraceFile& file) {
  if (EventBatch::is_rare(entry.kind)) return batch.rare(entry);
  Event event;
  event.kind = entry.kind;
  event.api = entry.api;
  event.alignment_log2 = entry.alignment_log2;
  event.ticks = entry.ticks;
  event.address = entry.address;
  event.size = entry.size;
  event.tid = entry.tid;
  event.writer = file.writers()[entry.writer_index].number;
  return event;
}

std::vector<std::uint64_t> stack_of(const model::StackTree& tree,
                                    model::StackId id) {
  std::vector<std::uint64_t> stack;
  for (; id != model::kRootStack; id = tree.outer(id)) {
    stack.push_back(tree.frame(id).offset);
  }
  std::reverse(stack.begin(), stack.end());
  return stack;
}

Reading read_batches(const decode::TraceFile& file, bool has_thread) {
  Reading result;
  model::StackTree tree;
  EventFeed feed(file, tree, has_thread);
  try {
    while (const EventBatch* batch = feed.next()) {
      for (const EventBatch::Entry& entry : batch->entries()) {
        result.events.push_back(describe(restore(*batch, entry, file),
                                         stack_of(tree, entry.stack)));
      }
    }
    result.stats = feed.stats();
  } catch (const decode::TraceError& error) {
    result.error = error.offset();
  }
  return result;
}

void compare_ways(std::span<const std::uint8_t> bytes) {
  std::optional<decode::TraceFile> file;
  try {
    file.emplace(decode::wrap_bytes(bytes));
  } catch (const decode::TraceError&) {
    return;
  }
  const Reading want = read_plainly(*file);
  compare(read_batches(*file, false), want);
  compare(read_batches(*file, true), want);
}

Bytes make_trace(std::uint64_t seed, std::size_t steps) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = steps;
  program.threads = 1 + static_cast<std::uint32_t>(seed % 5);
  program.has_unknown = seed % 3 == 0;
  program.has_scopes = seed % 2 == 0;
  test::BuilderOptions options;
  if (seed % 2 == 1) options.max_segment_bytes = 700;
  options.seal_all = seed % 4 != 3;
  test::TraceBuilder trace(options);
  trace.info(0, "command", std::string("prog\0arg", 8));
  test::append_probes(trace);
  test::append_rules(trace, 0);
  append(test::make_program(program), trace);
  trace.snapshot(0, 4999, "the end");
  trace.resident(5000, 100000, 10);
  trace.forked(5001, 17);
  trace.exec(5002, "/bin/true");
  return trace.bytes();
}

// Some of all that a profile holds, and what depends on order most.
void compare_profiles(const model::Profile& a, const model::Profile& b) {
  REQUIRE(a.events == b.events);
  REQUIRE(a.stacks.size() == b.stacks.size());
  REQUIRE(a.uses.size() == b.uses.size());
  for (std::size_t i = 0; i < a.uses.size(); ++i) {
    REQUIRE(std::memcmp(&a.uses[i], &b.uses[i], sizeof a.uses[i]) == 0);
  }
  REQUIRE(std::memcmp(&a.totals, &b.totals, sizeof a.totals) == 0);
  REQUIRE(std::memcmp(&a.peak, &b.peak, sizeof a.peak) == 0);
  REQUIRE(a.scopes.scopes.size() == b.scopes.scopes.size());
  for (std::size_t i = 0; i < a.scopes.scopes.size(); ++i) {
    REQUIRE(a.scopes.scopes[i].peak_bytes == b.scopes.scopes[i].peak_bytes);
    REQUIRE(a.scopes.scopes[i].number == b.scopes.scopes[i].number);
  }
  REQUIRE(a.info == b.info);
  REQUIRE(a.children == b.children);
}

}  // namespace

TEST_CASE("batches hold what the plain reader reads") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    compare_ways(make_trace(seed, 50 + seed * 40));
  }
}

TEST_CASE("and do so over many batches") {
  compare_ways(make_trace(2, 20000));
}

TEST_CASE("a trace that is cut anywhere gives the same in both ways") {
  const Bytes whole = make_trace(5, 60);
  for (std::size_t size = trace::kHeaderBytes; size < whole.size();) {
    CAPTURE(size);
    compare_ways(std::span(whole).first(size));
    const auto next = whole.begin() + static_cast<std::ptrdiff_t>(size);
    const auto end = whole.end() - next > 100 ? next + 100 : whole.end();
    const bool is_padding =
        std::all_of(next, end, [](std::uint8_t byte) { return byte == 0; });
    // Every byte that says something, some of the others.
    size += is_padding ? 997 : 1;
  }
}

TEST_CASE("and so does one that is damaged") {
  const Bytes whole = make_trace(3, 200);
  Bytes bytes;
  for (std::uint64_t round = 0; round < 300; ++round) {
    CAPTURE(round);
    test::Random random(round);
    bytes = whole;
    const std::size_t unit =
        trace::kUnitBytes * static_cast<std::size_t>(
                                random.below(whole.size() / trace::kUnitBytes));
    const std::size_t start = unit == 0 ? trace::kHeaderBytes : unit;
    mutate(std::span(bytes).subspan(start, 900), random, 3);
    compare_ways(bytes);
  }
}

TEST_CASE("an error comes behind the events before it") {
  test::TraceBuilder trace;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    trace.alloc(1, 10 + i, 8, 0x1000 + 16 * i, {0x400000});
  }
  trace.control(1, 9000, 200, "of a later version", true);
  const Bytes bytes = trace.bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  const Reading want = read_plainly(file);
  REQUIRE(want.error);
  REQUIRE(want.events.size() >= 5000);
  compare(read_batches(file, false), want);
  compare(read_batches(file, true), want);
  model::ReplayOptions options;
  options.threads = Threads::Two;
  CHECK_THROWS_AS(model::replay(file, options), decode::TraceError);
}

TEST_CASE("a feed that nobody empties ends") {
  const Bytes bytes = make_trace(1, 20000);
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  for (int taken = 0; taken < 3; ++taken) {
    model::StackTree tree;
    EventFeed feed(file, tree, true);
    for (int i = 0; i < taken; ++i) REQUIRE(feed.next() != nullptr);
  }
}

TEST_CASE("a replay does not depend on the number of threads") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const Bytes bytes = make_trace(seed, 100 + seed * 50);
    const decode::TraceFile file(decode::wrap_bytes(bytes));
    model::ReplayOptions options;
    options.threads = Threads::One;
    const model::Profile one = model::replay(file, options);
    options.threads = Threads::Two;
    compare_profiles(model::replay(file, options), one);
  }
}
