// SPDX-License-Identifier: Apache-2.0
//
// The parts of the leak scan.
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "decode/control_record.h"
#include "decode/scan_words.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/signal_blocker.h"
#include "scan/heap_targets.h"
#include "scan/malloc_state.h"
#include "scan/memory_map.h"
#include "scan/outer_frame.h"
#include "scan/thread_stopper.h"
#include "scan/word_scan.h"
#include "scan/word_writer.h"

// From the linker.
extern "C" const char __executable_start;
extern "C" const char etext;

using namespace sagemem;
using trace::RegionKind;

namespace {

using Words = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

// Out of payloads, by the analyzer's reader.
struct Collected {
  Words words;
  std::size_t payloads = 0;

  bool add(const WordWriter& writer) {
    ++payloads;
    const auto record = decode::parse_control(
        trace::Control::ScanWords, std::span(writer.data(), writer.size()));
    REQUIRE(record.has_value());
    const auto& one = std::get<decode::ScanWordsRecord>(*record);
    return decode::each_scan_word(
        one.first, one.words, [this](std::uint64_t at, std::uint64_t value) {
          words.emplace_back(at, value);
        });
  }
};

constexpr std::int64_t kLong = 60'000'000'000;

}  // namespace

TEST_CASE("words come back as they were written", "[leak_scan]") {
  std::mt19937_64 random(5);
  const auto writer = std::make_unique<WordWriter>();
  Collected collected;
  Words want;
  Region region{};
  region.start = 0x7f0000000000;
  region.end = 0x7f0000400000;
  std::uint64_t at = region.start + 8;
  writer->begin(region, at);
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20000; ++i) {
    if (writer->is_full()) {
      CHECK(writer->size() <= trace::kMaxScanPayload);
      REQUIRE(collected.add(*writer));
      writer->begin(region, at);
    }
    if (values.empty() || random() % 3 != 0) {
      values.push_back(0x555500000000 + random() % 0x1000000);
    }
    const std::uint64_t value = values[random() % values.size()];
    writer->add(at, value);
    want.emplace_back(at, value);
    at += 8 * (1 + random() % 20);
  }
  REQUIRE(collected.add(*writer));
  CHECK(collected.payloads > 2);
  CHECK(collected.words == want);
}

TEST_CASE("the map of this very process", "[leak_scan]") {
  auto* const pages = static_cast<char*>(
      mmap(nullptr, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(pages != MAP_FAILED);
  REQUIRE(mprotect(pages + 4096, 4096, PROT_READ | PROT_WRITE) == 0);
  MemoryMap map;
  REQUIRE(map.read());
  const auto guarded = reinterpret_cast<std::uint64_t>(pages + 4096);
  const Region* found = map.find(guarded + 100);
  REQUIRE(found != nullptr);
  CHECK(found->start == guarded);
  CHECK(found->end == guarded + 4096);
  CHECK(found->is_guarded);
  CHECK(found->kind == RegionKind::Anonymous);
  found = map.find(reinterpret_cast<std::uint64_t>(&map));
  REQUIRE(found != nullptr);
  CHECK(found->kind == RegionKind::Stack);
  found = map.find(reinterpret_cast<std::uint64_t>(&std::abort));
  CHECK(map.find(8) == nullptr);
  std::uint64_t last = 0;
  for (const Region& region : map) {
    CHECK(region.start >= last);
    CHECK(region.end > region.start);
    last = region.end;
  }
  munmap(pages, 3 * 4096);
}

TEST_CASE("malloc's own lists are found by their bins", "[leak_scan]") {
  constexpr std::uint64_t kAddress = 0x7f1200000000;
  constexpr std::size_t kStart = 100;
  constexpr std::size_t kBins = kStart + 14;
  std::vector<std::uint64_t> words(1000, 0x1234);
  const auto address_of = [](std::size_t i) { return kAddress + i * 8; };
  for (std::size_t bin = 0; bin < 127; ++bin) {
    words[kBins + 2 * bin] = words[kBins + 2 * bin + 1] =
        address_of(kBins + 2 * bin) - 16;
  }
  words[kBins + 254 + 2] = address_of(kStart);
  const auto found = [&] {
    const WordRange range =
        find_malloc_state(words.data(), words.size(), kAddress);
    return std::pair(range.first, range.end);
  };
  const std::pair<std::size_t, std::size_t> want(kStart, kBins + 254);
  CHECK(found() == want);
  // The first bins and the last ones are in use.
  for (const std::size_t bin : {0, 1, 2, 50, 125, 126}) {
    words[kBins + 2 * bin] = 0x7f1300000000;
    words[kBins + 2 * bin + 1] = 0x7f1300000100;
  }
  CHECK(found() == want);
  // One of several arenas.
  words[kBins + 254 + 2] = 0x7f1400000030;
  CHECK(found() == want);
  words.assign(1000, 0);
  CHECK(found() == std::pair<std::size_t, std::size_t>(0, 0));
}

TEST_CASE("the scan finds words where they stand", "[leak_scan]") {
  constexpr std::size_t kBytes = 8 << 20;
  auto* const target =
      static_cast<char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  auto* const memory =
      static_cast<char*>(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(target != MAP_FAILED);
  REQUIRE(memory != MAP_FAILED);
  // In pages far apart; all others are not there.
  Words want;
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{8}, kBytes / 2, kBytes - 8}) {
    const auto value = reinterpret_cast<std::uint64_t>(target + at % 4096);
    std::memcpy(memory + at, &value, sizeof value);
    want.emplace_back(reinterpret_cast<std::uint64_t>(memory + at), value);
  }
  MemoryMap map;
  REQUIRE(map.read());
  HeapTargets targets;
  REQUIRE(targets.collect(map));
  OwnMemory own;
  REQUIRE(own.reserve(8));
  // Ours, and so passed over.
  const auto start = reinterpret_cast<std::uint64_t>(memory);
  own.add(start + kBytes / 2, start + kBytes / 2 + 4096);
  own.sort();
  want.erase(want.begin() + 2);
  WordScan* const scan = WordScan::create();
  REQUIRE(scan != nullptr);
  Collected collected;
  const PayloadSink sink{&collected,
                         [](void* owner, const WordWriter& writer) noexcept {
                           return static_cast<Collected*>(owner)->add(writer);
                         }};
  CHECK(scan->run(map, targets, own, read_clock_ns(CLOCK_MONOTONIC) + kLong,
                  sink) == ScanEnd::Complete);
  Words got;
  for (const auto& word : collected.words) {
    if (word.first >= start && word.first < start + kBytes) got.push_back(word);
  }
  CHECK(got == want);
  // Where the time is over before it begins.
  CHECK(scan->run(map, targets, own, 0, sink) == ScanEnd::TooLong);
  WordScan::destroy(scan);
  munmap(target, 4096);
  munmap(memory, kBytes);
}

namespace {

struct Scanned {
  ScanEnd end;
  std::uint64_t unread_bytes;
};

// This process.
Scanned scan_all(bool may_open_files) {
  MemoryMap map;
  REQUIRE(map.read());
  HeapTargets targets;
  REQUIRE(targets.collect(map));
  OwnMemory own;
  REQUIRE(own.reserve(8));
  own.sort();
  WordScan* const scan = WordScan::create();
  REQUIRE(scan != nullptr);
  const PayloadSink sink{
      nullptr, [](void*, const WordWriter&) noexcept { return true; }};
  rlimit files{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &files) == 0);
  const rlimit fewer{may_open_files ? files.rlim_cur : 0, files.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &fewer) == 0);
  const ScanEnd end = scan->run(map, targets, own,
                                read_clock_ns(CLOCK_MONOTONIC) + kLong, sink);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &files) == 0);
  const Scanned result{end, scan->totals().unread_bytes};
  WordScan::destroy(scan);
  return result;
}

}  // namespace

TEST_CASE("without the list of pages large mappings are left out",
          "[leak_scan]") {
  constexpr std::size_t kBytes = std::size_t{1} << 36;
  void* const memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  CHECK(scan_all(true).end == ScanEnd::Complete);
  const Scanned blind = scan_all(false);
  CHECK(blind.end == ScanEnd::Unread);
  CHECK(blind.unread_bytes >= kBytes);
  munmap(memory, kBytes);
}

// Who reads a page that is not there waits until somebody makes it.
TEST_CASE("pages that a user makes are not asked for", "[leak_scan]") {
  const long fd = system_call(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  if (is_error(fd)) {
    WARN("userfaultfd(2) is not allowed here");
    return;
  }
  constexpr std::size_t kBytes = 16 * 4096;
  void* const memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  uffdio_api api{};
  api.api = UFFD_API;
  REQUIRE(system_call(SYS_ioctl, fd, UFFDIO_API, &api) == 0);
  uffdio_register pages{};
  pages.range = {reinterpret_cast<std::uint64_t>(memory), kBytes};
  pages.mode = UFFDIO_REGISTER_MODE_MISSING;
  REQUIRE(system_call(SYS_ioctl, fd, UFFDIO_REGISTER, &pages) == 0);
  CHECK(scan_all(true).end == ScanEnd::Complete);
  munmap(memory, kBytes);
  close_file(fd);
}

TEST_CASE("other threads stand still, and go on", "[leak_scan]") {
  std::atomic<bool> ends{false};
  std::atomic<int> running{0};
  std::atomic<std::uint64_t> rounds{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      ++running;
      while (!ends) ++rounds;
    });
  }
  while (running != 4) std::this_thread::yield();
  ThreadStopper stopper;
  REQUIRE(stopper.stop(read_clock_ns(CLOCK_MONOTONIC) + kLong));
  CHECK(stopper.missed() == 0);
  CHECK(stopper.count() == 4);
  for (const StoppedThread& thread : stopper) {
    CHECK(thread.how == trace::ThreadStop::Stopped);
    CHECK(thread.stack_pointer != 0);
    CHECK(thread.thread_pointer != 0);
  }
  const std::uint64_t stopped = rounds;
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  CHECK(rounds == stopped);
  stopper.release();
  while (rounds == stopped) std::this_thread::yield();
  ends = true;
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("a thread that blocks the signal is missed soon", "[leak_scan]") {
  std::atomic<bool> is_deaf{false};
  std::atomic<bool> ends{false};
  std::thread thread([&] {
    // The C library would leave it out.
    const std::uint64_t all = ~std::uint64_t{0};
    system_call(SYS_rt_sigprocmask, 2, &all, nullptr, sizeof all);
    is_deaf = true;
    while (!ends) std::this_thread::yield();
  });
  while (!is_deaf) std::this_thread::yield();
  ThreadStopper stopper;
  // A deadline that would be a hang.
  REQUIRE(stopper.stop(read_clock_ns(CLOCK_MONOTONIC) + 100 * kLong));
  CHECK(stopper.count() == 1);
  CHECK(stopper.missed() == 1);
  stopper.release();
  ends = true;
  thread.join();
}

TEST_CASE("a thread that blocks the signal for a moment stops", "[leak_scan]") {
  std::atomic<bool> is_deaf{false};
  std::atomic<bool> ends{false};
  std::thread thread([&] {
    const std::uint64_t all = ~std::uint64_t{0};
    std::uint64_t former = 0;
    system_call(SYS_rt_sigprocmask, SIG_SETMASK, &all, &former, sizeof all);
    is_deaf = true;
    const timespec moment{0, 50'000'000};
    system_call(SYS_nanosleep, &moment, nullptr);
    system_call(SYS_rt_sigprocmask, SIG_SETMASK, &former, nullptr, sizeof all);
    while (!ends) std::this_thread::yield();
  });
  while (!is_deaf) std::this_thread::yield();
  ThreadStopper stopper;
  REQUIRE(stopper.stop(read_clock_ns(CLOCK_MONOTONIC) + kLong, kLong));
  CHECK(stopper.missed() == 0);
  CHECK(stopper.begin()->how == trace::ThreadStop::Stopped);
  stopper.release();
  ends = true;
  thread.join();
}

// The parent of a vfork child takes no signals until the child is gone.
TEST_CASE("who answers too late is missed all the same", "[leak_scan]") {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  std::atomic<bool> has_child{false};
  std::thread thread([&] {
    const pid_t child = vfork();
    if (child == 0) {
      has_child = true;
      char byte = 0;
      system_call(SYS_read, pipe_ends[0], &byte, 1);
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  });
  while (!has_child) std::this_thread::yield();
  ThreadStopper stopper;
  REQUIRE(stopper.stop(read_clock_ns(CLOCK_MONOTONIC) + 50'000'000));
  CHECK(stopper.missed() == 1);
  REQUIRE(write(pipe_ends[1], "", 1) == 1);
  // And goes on at once: nobody waits for it any more.
  thread.join();
  CHECK(stopper.missed() == 1);
  CHECK(stopper.begin()->how == trace::ThreadStop::Missed);
  stopper.release();
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST_CASE("a handler that has stayed goes when it may", "[leak_scan]") {
  // It has stayed where the test before has run: one was missed there.
  std::atomic<bool> runs{false};
  std::atomic<bool> ends{false};
  std::thread thread([&] {
    runs = true;
    while (!ends) std::this_thread::yield();
  });
  while (!runs) std::this_thread::yield();
  ThreadStopper stopper;
  REQUIRE(stopper.stop(read_clock_ns(CLOCK_MONOTONIC) + kLong));
  CHECK(stopper.missed() == 0);
  stopper.release();
  ends = true;
  thread.join();
  // sigaction(2) as the kernel has it: the handler comes first.
  std::uint64_t action[4] = {1, 1, 1, 1};
  REQUIRE(system_call(SYS_rt_sigaction, 33, nullptr, action,
                      sizeof(std::uint64_t)) == 0);
  // Of the C library, not of this program, which has ours.
  CHECK((action[0] < reinterpret_cast<std::uint64_t>(&__executable_start) ||
         action[0] >= reinterpret_cast<std::uint64_t>(&etext)));
}

TEST_CASE("signal handlers wait for the blocker", "[leak_scan]") {
  static int count;
  count = 0;
  struct sigaction action {};
  struct sigaction former {};
  action.sa_handler = [](int) { ++count; };
  REQUIRE(sigaction(SIGUSR1, &action, &former) == 0);
  {
    const SignalBlocker blocker;
    raise(SIGUSR1);
    CHECK(count == 0);
  }
  CHECK(count == 1);
  sigaction(SIGUSR1, &former, nullptr);
}

TEST_CASE("the frame of whoever calls is found", "[leak_scan]") {
  const OuterFrame frame = find_outer_frame();
  CHECK(frame.stack_pointer != 0);
}
