// SPDX-License-Identifier: Apache-2.0
//
// THREADS threads that allocate, realloc and free each other's blocks: a table
// of slots that all of them exchange blocks with.  Run with MALLOC_ARENA_MAX=1,
// so that every address wanders through all threads.
//
// usage: exchange THREADS ROUNDS
#include <pthread.h>
#include <stdatomic.h>

#include "support.h"

enum { kSlots = 256, kMaxThreads = 1000 };

static _Atomic(void*) g_slots[kSlots];
static struct tally g_tallies[kMaxThreads];
static pthread_barrier_t g_barrier;
static int g_rounds;

// The block that this thread owns now goes into a slot, what was there comes
// out and belongs to this thread.
static NOINLINE void exchange_blocks(struct tally* tally, unsigned seed) {
  unsigned state = seed;
  void* own = NULL;
  for (int i = 0; i < g_rounds; ++i) {
    const size_t bytes = 1 + next_random(&state) % 2500;
    switch (next_random(&state) % 3) {
      case 0:
        drop(tally, own);
        own = take(tally, bytes);
        break;
      case 1:
        own = resize(tally, own, bytes);
        break;
      default:
        break;
    }
    own = atomic_exchange(&g_slots[next_random(&state) % kSlots], own);
  }
  drop(tally, own);
}

static void* work(void* argument) {
  const size_t number = (size_t)argument;
  pthread_barrier_wait(&g_barrier);
  exchange_blocks(&g_tallies[number], (unsigned)number + 1);
  pthread_barrier_wait(&g_barrier);
  return NULL;
}

int main(int argc, char** argv) {
  REQUIRE(argc == 3);
  const int threads = atoi(argv[1]);
  REQUIRE(threads > 0 && threads <= kMaxThreads);
  g_rounds = atoi(argv[2]);
  static pthread_t handles[kMaxThreads];
  pthread_barrier_init(&g_barrier, NULL, (unsigned)threads);
  for (size_t i = 0; i < (size_t)threads; ++i) {
    REQUIRE(!pthread_create(&handles[i], NULL, work, (void*)i));
  }
  struct tally sum = {0, 0, 0};
  for (int i = 0; i < threads; ++i) {
    pthread_join(handles[i], NULL);
    sum.allocations += g_tallies[i].allocations;
    sum.releases += g_tallies[i].releases;
    sum.bytes += g_tallies[i].bytes;
  }
  for (size_t i = 0; i < kSlots; ++i) drop(&sum, g_slots[i]);
  claim(&sum);
  return 0;
}
