// SPDX-License-Identifier: Apache-2.0
//
// What the replay makes of a leak scan: which words are roots, and what class
// each block has.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <vector>

#include "decode/trace_file.h"
#include "model/leak_classes.h"
#include "model/leak_graph.h"
#include "model/replay.h"
#include "model/used_ground.h"
#include "text_trace.h"

using namespace sagemem;
using model::LeakAmount;
using model::LeakClass;

namespace {

model::Profile replay(const std::string& text) {
  const auto bytes = test::text_to_trace(text).bytes();
  return model::replay(decode::TraceFile(decode::wrap_bytes(bytes)));
}

constexpr char kHead[] = R"(
  0 session info leak_scan on
  1 t7 thread w1
)";

constexpr char kOwn[] = "50 t7 scan_thread 7 own sp 0x7f00 tp 0x0\n";

std::string end(unsigned records, const char* outcome = "complete") {
  return "60 t7 scan_end " + std::string(outcome) + " records " +
         std::to_string(records) +
         " words 0 bytes 0 unread 0 ns 0 threads 1 missed 0\n";
}

LeakAmount amount(const model::Profile& profile, LeakClass which) {
  REQUIRE(profile.leaks != nullptr);
  return profile.leaks->total[which];
}

}  // namespace

TEST_CASE("A trace without a scan has no classes") {
  CHECK(replay("1 t7 thread w1\n2 t7 malloc 8 -> 0x100\n").leaks == nullptr);
}

TEST_CASE("Roots, chains and what nothing points to") {
  const auto profile = replay(std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    11 t7 malloc 200 -> 0x1100 @ 0x11
    12 t7 malloc 300 -> 0x1200 @ 0x12
    13 t7 malloc 400 -> 0x1400 @ 0x13
    20 t7 scan_words 0x9000-0xa000 file 0x9010=0x1000
    21 t7 scan_words 0x1000-0x2000 heap 0x1008=0x1100 0x1208=0x1400
  )" + kOwn + end(3));
  CHECK(profile.leaks->scan.is_complete());
  CHECK(amount(profile, LeakClass::Reachable) == LeakAmount{2, 300});
  CHECK(amount(profile, LeakClass::Lost) == LeakAmount{1, 300});
  CHECK(amount(profile, LeakClass::IndirectlyLost) == LeakAmount{1, 400});
  CHECK(amount(profile, LeakClass::NotScanned) == LeakAmount{});
  REQUIRE(profile.leaks->indirect.size() == 1);
  CHECK(profile.leaks->indirect[0].amount == LeakAmount{1, 400});
}

TEST_CASE("A pointer counts from the first byte of a block to its last") {
  const auto leaks = [](const std::string& value) {
    const auto profile =
        replay(std::string(kHead) + "10 t7 malloc 100 -> 0x1000 @ 0x10\n" +
               "20 t7 scan_words 0x9000-0xa000 file 0x9010=" + value + "\n" +
               kOwn + end(2));
    return amount(profile, LeakClass::Lost).blocks;
  };
  CHECK(leaks("0x0fff") == 1);
  CHECK(leaks("0x1000") == 0);
  CHECK(leaks("0x1063") == 0);
  CHECK(leaks("0x1064") == 1);
}

TEST_CASE("A block of no bytes has an address") {
  const auto profile = replay(std::string(kHead) + R"(
    10 t7 malloc 0 -> 0x1000 @ 0x10
    20 t7 scan_words 0x9000-0xa000 file 0x9010=0x1000
  )" + kOwn + end(2));
  CHECK(amount(profile, LeakClass::Reachable) == LeakAmount{1, 0});
}

TEST_CASE("What a released block holds is no root") {
  const auto profile = replay(std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    11 t7 malloc 5000 -> 0x2000 @ 0x11
    12 t7 malloc 64 -> 0x1100 @ 0x11
    13 t7 free 0x1100
    14 t7 free 0x2000
    20 t7 scan_words 0x1000-0x8000 heap 0x1110=0x1000 0x3000=0x1000
  )" + kOwn + end(2));
  CHECK(amount(profile, LeakClass::Lost).blocks == 1);
}

TEST_CASE("Where no block has been, the memory is the program's") {
  const auto profile = replay(std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    20 t7 scan_words 0x1000-0x8000 heap 0x7000=0x1000
  )" + kOwn + end(2));
  CHECK(amount(profile, LeakClass::Reachable).blocks == 1);
}

TEST_CASE("What was mapped for one block alone may be anything after it") {
  const std::string blocks = std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    11 t7 malloc 200000 -> 0x700010 @ 0x11
    12 t7 free 0x700010
  )";
  const auto elsewhere =
      replay(blocks +
             "20 t7 scan_words 0x700000-0x800000 anonymous 0x710000=0x1000\n" +
             kOwn + end(2));
  CHECK(amount(elsewhere, LeakClass::Reachable).blocks == 1);
  // However it was aligned.
  const auto aligned = replay(std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    11 t7 aligned_alloc 200000 align 64 -> 0x700040 @ 0x11
    12 t7 free 0x700040
    20 t7 scan_words 0x700000-0x800000 anonymous 0x710000=0x1000
  )" + kOwn + end(2));
  CHECK(amount(aligned, LeakClass::Reachable).blocks == 1);
  const auto heap = replay(blocks + "20 t7 scan_words 0x700000-0x800000 heap " +
                           "0x710000=0x1000\n" + kOwn + end(2));
  CHECK(amount(heap, LeakClass::Lost).blocks == 1);
}

TEST_CASE("Stacks count from the stack pointer on") {
  const std::string block =
      std::string(kHead) + "10 t7 malloc 100 -> 0x1000 @ 0x10\n";
  const std::string thread = "50 t7 scan_thread 7 own sp 0x7f00 tp 0x7fc0\n";
  const auto reachable = [&](const std::string& words) {
    const auto profile = replay(block + words + thread + end(2));
    return amount(profile, LeakClass::Reachable).blocks == 1;
  };
  CHECK(reachable("20 t7 scan_words 0x7000-0x8000 stack 0x7f00=0x1000\n"));
  // The red zone.
  CHECK(reachable("20 t7 scan_words 0x7000-0x8000 stack 0x7e80=0x1000\n"));
  CHECK(!reachable("20 t7 scan_words 0x7000-0x8000 stack 0x7e78=0x1000\n"));
  // Without a guard it may be more than a stack.
  CHECK(reachable("20 t7 scan_words 0x7000-0x8000 anonymous 0x7100=0x1000\n"));
  CHECK(!reachable(
      "20 t7 scan_words 0x7000-0x8000 anonymous guarded 0x7100=0x1000\n"));
}

TEST_CASE("A thread that stands elsewhere than on its stack", "[stacks]") {
  const auto is_lost = [](const std::string& words,
                          const std::vector<std::string>& threads) {
    std::string text = std::string(kHead) +
                       "10 t7 malloc 100 -> 0x1000 @ 0x10\n"
                       "20 t7 scan_words " +
                       words + "\n";
    for (const std::string& thread : threads)
      text += "50 t7 scan_thread " + thread + "\n";
    const auto profile =
        replay(text + end(static_cast<unsigned>(threads.size()) + 1));
    CHECK(profile.leaks->scan.is_complete());
    return amount(profile, LeakClass::Lost).blocks == 1;
  };
  // The first thread has the number of the process, 1000.
  const std::string first = "0x7000-0x8000 stack 0x7e00=0x1000";
  CHECK(is_lost(first, {"7 own sp 0x20 tp 0x30"}));
  CHECK(is_lost(first, {"7 own sp 0x20 tp 0x30", "1000 gone sp 0 tp 0"}));
  CHECK(!is_lost(first, {"1000 own sp 0x20 tp 0x30"}));
  CHECK(!is_lost(first, {"7 own sp 0x20 tp 0x30", "1000 stopped sp 1 tp 2"}));
  // Below its stack pointer nothing is left but old bytes, if it is its stack.
  const std::string other = "0x7000-0x8000 anonymous guarded 0x7100=0x1000";
  CHECK(is_lost(other, {"7 own sp 0x7f00 tp 0x7fc0"}));
  CHECK(!is_lost(other, {"7 own sp 0x7f00 tp 0x90"}));
  CHECK(!is_lost(other, {"7 own sp 0x7fc0 tp 0x7f00"}));
  CHECK(!is_lost(other, {"7 own sp 0x7f00 tp 0x7fc0", "8 stopped sp 1 tp 2",
                         "9 stopped sp 0x7800 tp 0x7880"}));
  CHECK(
      !is_lost(other, {"7 own sp 0x7f00 tp 0x90", "8 stopped sp 1 tp 0x7fc0"}));
  // Two that touch, one of which is kept for the next thread.
  CHECK(!is_lost(other + " 0x7400=0x7400 0x7410=0x7400",
                 {"7 own sp 0x7f00 tp 0x7fc0"}));
}

TEST_CASE("A stack where blocks have been is a stack", "[stacks]") {
  const auto is_lost = [](const std::string& location,
                          const std::string& thread) {
    const auto profile = replay(std::string(kHead) + R"(
      10 t7 malloc 100 -> 0x1000 @ 0x10
      11 t7 malloc 32768 -> 0x20000 @ 0x11
      12 t7 free 0x20000
    )" + "20 t7 scan_words 0x20000-0x28000 anonymous " +
                                location + "=0x1000\n50 t7 scan_thread 7 own " +
                                thread + "\n" + end(2));
    return amount(profile, LeakClass::Lost).blocks == 1;
  };
  CHECK(is_lost("0x24000", "sp 0x10 tp 0x20"));
  CHECK(!is_lost("0x24000", "sp 0x23000 tp 0x27000"));
  CHECK(!is_lost("0x27100", "sp 0x23000 tp 0x27000"));
  // The allocator's, in the same mapping.
  CHECK(is_lost("0x22000", "sp 0x23000 tp 0x25000"));
  CHECK(is_lost("0x26000", "sp 0x23000 tp 0x25000"));
  // Not known which part is whose.
  CHECK(!is_lost("0x22000", "sp 0x23000 tp 0x20"));
  CHECK(!is_lost("0x22000", "sp 0x20 tp 0x23000"));
}

TEST_CASE("A thread that stands on a block says nothing of the rest",
          "[stacks]") {
  const auto profile = replay(std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    11 t7 malloc 32768 -> 0x20000 @ 0x11
    12 t7 free 0x20000
    13 t7 malloc 512 -> 0x27000 @ 0x12
    20 t7 scan_words 0x20000-0x28000 anonymous 0x22000=0x1000
    50 t7 scan_thread 7 own sp 0x27100 tp 0x20 0x27100
  )" + end(2));
  CHECK(amount(profile, LeakClass::Lost) == LeakAmount{1, 100});
  CHECK(amount(profile, LeakClass::Reachable) == LeakAmount{1, 512});
}

TEST_CASE("The stack of a thread that has ended holds its thread vector") {
  const std::string trace = std::string(kHead) +
                            R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    11 t7 malloc 200 -> 0x1100 @ 0x11
    20 t7 scan_words 0x20000-0x30000 anonymous guarded 0x21000=0x1000 )"
                            "0x2f700=0x2f700 0x2f708=0x1110 0x2f710=0x2f700\n";
  const std::string own = "50 t7 scan_thread 7 own sp 0x7f00 tp 0x90\n";
  const auto ended = replay(trace + own + end(2));
  CHECK(amount(ended, LeakClass::Lost) == LeakAmount{1, 100});
  CHECK(amount(ended, LeakClass::Reachable) == LeakAmount{1, 200});
  const auto live = replay(
      trace + own + "51 t7 scan_thread 8 stopped sp 0x0 tp 0x2f700\n" + end(3));
  CHECK(amount(live, LeakClass::Reachable).blocks == 2);
}

TEST_CASE("Registers are roots") {
  const auto profile = replay(std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    50 t7 scan_thread 7 own sp 0x7f00 tp 0x0 0x1010
  )" + end(1));
  CHECK(amount(profile, LeakClass::Reachable).blocks == 1);
}

TEST_CASE("An incomplete scan calls nothing lost") {
  const std::string trace = std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    11 t7 malloc 200 -> 0x1100 @ 0x11
    20 t7 scan_words 0x9000-0xa000 file 0x9010=0x1000
  )" + kOwn;
  for (const std::string& last :
       {end(2, "threads_missed"), end(2, "too_long"), end(3), std::string()}) {
    const auto profile = replay(trace + last);
    INFO(last);
    CHECK(!profile.leaks->scan.is_complete());
    CHECK(amount(profile, LeakClass::Lost) == LeakAmount{});
    const std::uint64_t reachable = last.empty() ? 0 : 1;
    CHECK(amount(profile, LeakClass::Reachable).blocks == reachable);
    CHECK(amount(profile, LeakClass::NotScanned).blocks == 2 - reachable);
  }
}

TEST_CASE("What comes after the scan was not scanned") {
  const auto profile = replay(std::string(kHead) + R"(
    10 t7 malloc 100 -> 0x1000 @ 0x10
    11 t7 malloc 200 -> 0x1100 @ 0x11
    12 t7 malloc 300 -> 0x1200 @ 0x11
  )" + kOwn + end(1) + R"(
    70 t7 free 0x1100
    71 t7 malloc 50 -> 0x1100 @ 0x12
    72 t7 free 0x1200
  )");
  CHECK(amount(profile, LeakClass::Lost) == LeakAmount{1, 100});
  CHECK(amount(profile, LeakClass::NotScanned) == LeakAmount{1, 50});
}

TEST_CASE("A trace that claims many scans or threads is not believed") {
  const std::string block =
      std::string(kHead) + "10 t7 malloc 100 -> 0x1000 @ 0x10\n";
  const auto is_believed = [&block](int scans) {
    std::string text = block;
    for (int i = 0; i < scans; ++i) {
      const std::string time = std::to_string(100 + i);
      text += time + std::string(kOwn).substr(2) + time + end(1).substr(2);
    }
    return replay(text).leaks->scan.is_complete();
  };
  CHECK(is_believed(4));
  CHECK(!is_believed(5));
  std::string threads;
  for (int i = 0; i < 32 * 1024 + 1; ++i) threads += kOwn;
  CHECK(replay(block + threads + end(32 * 1024 + 1)).leaks->scan.is_complete());
  CHECK(!replay(block + threads + kOwn + end(32 * 1024 + 2))
             .leaks->scan.is_complete());
}

TEST_CASE("The first of a ring is lost, the others by it") {
  model::LeakGraph graph(6);
  graph.add_edge(0, 0);
  graph.add_edge(2, 1);  // 1 <-> 2, and 3 leads there, 2 to 4
  graph.add_edge(1, 2);
  graph.add_edge(3, 1);
  graph.add_edge(2, 4);
  graph.add_edge(5, 4);
  graph.add_root(5);
  graph.classify();
  const std::vector<LeakClass> want = {
      LeakClass::Lost, LeakClass::IndirectlyLost, LeakClass::IndirectlyLost,
      LeakClass::Lost, LeakClass::Reachable,      LeakClass::Reachable};
  for (std::uint32_t i = 0; i < want.size(); ++i) {
    INFO(i);
    CHECK(graph.class_of(i) == want[i]);
  }
  CHECK(graph.leader_of(1) == 3);
  CHECK(graph.leader_of(2) == 3);
}

TEST_CASE("Random graphs against a slow search") {
  std::mt19937 engine(7);
  const auto random = [&engine] {
    return static_cast<std::uint32_t>(engine());
  };
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t size = 1 + random() % 14;
    std::vector<std::vector<bool>> reaches(size, std::vector<bool>(size));
    model::LeakGraph graph(size);
    const std::uint32_t edges = random() % (2 * size);
    for (std::uint32_t i = 0; i < edges; ++i) {
      const std::uint32_t from = random() % size;
      const std::uint32_t to = random() % size;
      graph.add_edge(from, to);
      reaches[from][to] = true;
    }
    std::vector<bool> is_held(size);
    for (std::uint32_t i = random() % 3; i > 0; --i) {
      const std::uint32_t root = random() % size;
      graph.add_root(root);
      is_held[root] = true;
    }
    for (std::uint32_t k = 0; k < size; ++k) {
      for (std::uint32_t i = 0; i < size; ++i) {
        for (std::uint32_t j = 0; j < size; ++j) {
          if (reaches[i][k] && reaches[k][j]) reaches[i][j] = true;
        }
      }
    }
    const std::vector<bool> roots = is_held;
    for (std::uint32_t i = 0; i < size; ++i) {
      for (std::uint32_t j = 0; j < size; ++j) {
        if (roots[i] && reaches[i][j]) is_held[j] = true;
      }
    }
    graph.classify();
    std::vector<std::uint32_t> leaders;
    for (std::uint32_t i = 0; i < size; ++i) {
      CHECK((graph.class_of(i) == LeakClass::Reachable) == is_held[i]);
      if (graph.class_of(i) == LeakClass::Lost) leaders.push_back(i);
      if (graph.class_of(i) != LeakClass::IndirectlyLost) continue;
      const std::uint32_t leader = graph.leader_of(i);
      CHECK(graph.class_of(leader) == LeakClass::Lost);
      CHECK(reaches[leader][i]);
    }
    // As few as can be: none leads to another, and only what leads back to it
    // leads to a leader.
    for (const std::uint32_t leader : leaders) {
      for (std::uint32_t i = 0; i < size; ++i) {
        if (i != leader && reaches[i][leader]) CHECK(reaches[leader][i]);
      }
      for (const std::uint32_t other : leaders) {
        CHECK((other == leader || !reaches[leader][other]));
      }
    }
  }
}

TEST_CASE("Used ground at both ends of all addresses") {
  model::UsedGround ground;
  for (const std::uint64_t bytes : {0ull, 1ull, 100ull, 5000ull, ~0ull}) {
    ground.add(~std::uint64_t{0}, bytes);
    ground.add(~std::uint64_t{0} - 16, bytes);
    ground.add(0, bytes);
  }
  CHECK(ground.contains(0));
  CHECK(ground.contains(~std::uint64_t{0} - 1));
}

TEST_CASE("Used ground against a set of steps") {
  std::mt19937 random(11);
  model::UsedGround ground;
  std::set<std::uint64_t> steps;
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t address = 0x10000 + random() % 0x40000 / 16 * 16;
    const std::uint64_t bytes =
        random() % 4 == 0 ? random() % 20000 : random() % 300;
    ground.add(address, bytes);
    const std::uint64_t last = address + std::max<std::uint64_t>(bytes, 1) - 1;
    for (std::uint64_t step = address / 16; step <= last / 16; ++step) {
      steps.insert(step);
    }
  }
  for (std::uint64_t step = 0x0f00; step < 0x6000; ++step) {
    // Of a large block's last step, as much as is the block's.
    if (ground.contains(step * 16) != steps.contains(step)) {
      FAIL("step " << step);
    }
  }
}
