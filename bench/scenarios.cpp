// SPDX-License-Identifier: Apache-2.0
//
// The made-up programs of the benchmark: malloc and free from call stacks of a
// known depth that change in a known way, and nothing else.
//
//   scenarios s0|s1|s2|s3|s4|s5 DEPTH PAIRS [THREADS]
//
//   s0  the same stack again and again
//   s1  the 3 or 4 inner frames are new for each malloc
//   s2  all frames are new for each malloc: the whole stack is rebuilt
//   s3  a recursive walk with 40 000 distinct stacks
//   s4  1 to 4 inner frames, picked at random; random sizes; each block is
//       freed 64 allocations later
//   s5  the same with a million live blocks, freed in no order: what is hard is
//       to analyse it
//
// DEPTH counts the frames between the thread's start and malloc, on the average
// where they vary.  It prints one line of JSON: nanoseconds a pair by the
// clock, and of the process's CPU.
//
// Hazard: the frames are what is measured.  A compiler that inlines, clones,
// merges or turns a call into a jump changes the question, so meson.build
// forbids all of these and here() makes every call site distinct.
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

#define SAGEMEM_FRAME __attribute__((noinline, noclone))

// After a call: keeps gcc from merging two calls that look alike.
template <int site>
inline void here() {
  asm volatile("# site %0" : : "i"(site) : "memory");
}

struct Work {
  int depth;
  std::uint64_t pairs;
  std::uint64_t random;
};

using Loop = void (*)(Work& work);

std::uint64_t next_random(Work& work) {
  // xorshift64: as cheap as can be, for it is part of every pair.
  work.random ^= work.random << 13;
  work.random ^= work.random >> 7;
  work.random ^= work.random << 17;
  return work.random;
}

// A block that the compiler has to believe in: it may drop an unused malloc.
void* allocate(std::size_t size) {
  void* block = std::malloc(size);
  asm volatile("" : : "r"(block) : "memory");
  return block;
}

// `frames` frames, then the loop.
SAGEMEM_FRAME void descend(int frames, Loop loop, Work& work) {
  if (frames <= 0) {
    loop(work);
  } else {
    descend(frames - 1, loop, work);
  }
  here<0>();
}

// -------------------------------------------------------------------- s0

SAGEMEM_FRAME void same_stack(Work& work) {
  for (std::uint64_t i = 0; i < work.pairs; ++i) {
    std::free(allocate(64));
  }
}

// ---------------------------------------------------------------- s1, s4

// A chain of `frames` frames; two bits of `path` pick each call site.
SAGEMEM_FRAME void* chain(int frames, std::uint64_t path, std::size_t size) {
  void* block = nullptr;
  if (frames <= 1) {
    block = allocate(size);
    here<1>();
    return block;
  }
  switch (path & 3) {
    case 0:
      block = chain(frames - 1, path >> 2, size);
      here<2>();
      break;
    case 1:
      block = chain(frames - 1, path >> 2, size);
      here<3>();
      break;
    case 2:
      block = chain(frames - 1, path >> 2, size);
      here<4>();
      break;
    default:
      block = chain(frames - 1, path >> 2, size);
      here<5>();
      break;
  }
  return block;
}

SAGEMEM_FRAME void inner_frames(Work& work) {
  for (std::uint64_t i = 0; i < work.pairs; ++i) {
    // 0x55 adds one to every pair of bits: all call sites change.
    const std::uint64_t path = 0x55 * (i & 3);
    std::free(chain(3 + static_cast<int>(i & 1), path, 64));
  }
}

SAGEMEM_FRAME void random_frames(Work& work) {
  constexpr std::size_t kLive = 64;
  void* live[kLive] = {};
  for (std::uint64_t i = 0; i < work.pairs; ++i) {
    const std::uint64_t random = next_random(work);
    void*& place = live[i % kLive];
    std::free(place);
    place = chain(1 + static_cast<int>(random & 3), (random >> 2) & 0xff,
                  16 + ((random >> 10) & 1023));
  }
  for (void* block : live) std::free(block);
}

SAGEMEM_FRAME void million_blocks(Work& work) {
  constexpr std::size_t kLive = std::size_t{1} << 20;
  void* const pages =
      mmap(nullptr, kLive * sizeof(void*), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) std::abort();
  auto** const live = static_cast<void**>(pages);
  for (std::uint64_t i = 0; i < work.pairs; ++i) {
    const std::uint64_t random = next_random(work);
    void*& place = live[(random >> 20) % kLive];
    std::free(place);
    place = chain(1 + static_cast<int>(random & 3), (random >> 2) & 0xff,
                  16 + ((random >> 10) & 255));
  }
  for (std::size_t i = 0; i < kLive; ++i) std::free(live[i]);
  munmap(pages, kLive * sizeof(void*));
}

// -------------------------------------------------------------------- s2

template <int variant>
SAGEMEM_FRAME void* rebuild(int frames) {
  void* block = frames <= 1 ? allocate(64) : rebuild<variant>(frames - 1);
  here<variant>();
  return block;
}

SAGEMEM_FRAME void whole_stack(Work& work) {
  for (std::uint64_t i = 0; i < work.pairs; i += 2) {
    std::free(rebuild<6>(work.depth - 2));
    std::free(rebuild<7>(work.depth - 2));
  }
}

// -------------------------------------------------------------------- s3

constexpr int kLevels = 5;
constexpr std::uint64_t kStacks = 40'000;

// Nine call sites on five levels make 66 430 stacks; the walk stops before.
SAGEMEM_FRAME void walk(int level, std::uint64_t& left) {
  if (left == 0) return;
  --left;
  std::free(allocate(64));
  if (level == 0) return;
  walk(level - 1, left);
  walk(level - 1, left);
  walk(level - 1, left);
  walk(level - 1, left);
  walk(level - 1, left);
  walk(level - 1, left);
  walk(level - 1, left);
  walk(level - 1, left);
  walk(level - 1, left);
  here<8>();
}

SAGEMEM_FRAME void many_stacks(Work& work) {
  std::uint64_t done = 0;
  while (done < work.pairs) {
    const std::uint64_t rest = work.pairs - done;
    const std::uint64_t now = rest < kStacks ? rest : kStacks;
    std::uint64_t left = now;
    walk(kLevels, left);
    done += now;
  }
}

// ------------------------------------------------------------ the whole

struct Scenario {
  const char* name;
  Loop loop;
  // Frames that the loop itself adds, its own among them.
  int inner;
  // s2 changes every frame, so none may stand in front of its loop.
  bool rebuilds;
};

constexpr Scenario kScenarios[] = {
    {"s0", same_stack, 1, false},    {"s1", inner_frames, 4, false},
    {"s2", whole_stack, 0, true},    {"s3", many_stacks, 1 + kLevels, false},
    {"s4", random_frames, 3, false}, {"s5", million_blocks, 3, false},
};

struct Thread {
  const Scenario* scenario;
  Work work;
  pthread_t id;
};

void* run(void* argument) {
  auto* thread = static_cast<Thread*>(argument);
  const Scenario& scenario = *thread->scenario;
  const int frames =
      scenario.rebuilds ? 0 : thread->work.depth - scenario.inner - 1;
  descend(frames, scenario.loop, thread->work);
  return nullptr;
}

double now_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e9 +
         static_cast<double>(now.tv_nsec);
}

bool run_threads(const Scenario& scenario, const Work& work, int count) {
  Thread threads[2];
  int started = 0;
  for (; started < count; ++started) {
    Thread& thread = threads[started];
    thread = {&scenario, work, {}};
    thread.work.random += static_cast<std::uint64_t>(started);
    if (pthread_create(&thread.id, nullptr, run, &thread) != 0) break;
  }
  for (int i = 0; i < started; ++i) pthread_join(threads[i].id, nullptr);
  return started == count;
}

const Scenario* find(const char* name) {
  for (const Scenario& scenario : kScenarios) {
    if (std::strcmp(scenario.name, name) == 0) return &scenario;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const Scenario* scenario = argc >= 4 ? find(argv[1]) : nullptr;
  const int threads = argc == 5 ? std::atoi(argv[4]) : 1;
  if (scenario == nullptr || argc > 5 || threads < 1 || threads > 2) {
    std::fputs("usage: scenarios s0|s1|s2|s3|s4 DEPTH PAIRS [1|2]\n", stderr);
    return 2;
  }
  const Work work{std::atoi(argv[2]), std::strtoull(argv[3], nullptr, 10),
                  0x9e3779b97f4a7c15};
  if (work.depth < 1 || work.pairs < 2) return 2;
  const double wall = now_ns(CLOCK_MONOTONIC);
  const double cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
  if (!run_threads(*scenario, work, threads)) return 1;
  const auto pairs = static_cast<double>(work.pairs);
  std::printf("{\"wall_ns\": %.3f, \"cpu_ns\": %.3f}\n",
              (now_ns(CLOCK_MONOTONIC) - wall) / pairs,
              (now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu) / pairs / threads);
  return 0;
}
