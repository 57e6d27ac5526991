// SPDX-License-Identifier: Apache-2.0
//
// Threads that realloc with the addresses of each other: small arenas shared by
// all (run with MALLOC_ARENA_MAX=1), so that an address that one realloc gives
// up is handed to another thread at once.  A recorder that notes a realloc
// after the call sees the new owner first.
//
// usage: realloc_race [REALLOCS PER THREAD]
#include <pthread.h>

#include "support.h"

enum { kThreads = 8, kBlocks = 16 };

static long g_rounds = 100000;
static struct tally g_tallies[kThreads];
static pthread_barrier_t g_barrier;

static void* work(void* argument) {
  const size_t number = (size_t)argument;
  struct tally tally = {0, 0, 0};
  unsigned state = (unsigned)number + 1;
  void* blocks[kBlocks] = {NULL};
  pthread_barrier_wait(&g_barrier);
  for (long i = 0; i < g_rounds; ++i) {
    const size_t slot = next_random(&state) % kBlocks;
    // Sizes from beyond the thread cache of glibc: those go to the arena.
    const size_t bytes = 1200 + next_random(&state) % 8 * 700;
    blocks[slot] = resize(&tally, blocks[slot], bytes);
  }
  for (size_t i = 0; i < kBlocks; ++i) drop(&tally, blocks[i]);
  g_tallies[number] = tally;
  return NULL;
}

int main(int argc, char** argv) {
  if (argc > 1) g_rounds = atol(argv[1]);
  pthread_t threads[kThreads];
  pthread_barrier_init(&g_barrier, NULL, kThreads);
  for (size_t i = 0; i < kThreads; ++i) {
    REQUIRE(!pthread_create(&threads[i], NULL, work, (void*)i));
  }
  struct tally sum = {0, 0, 0};
  for (size_t i = 0; i < kThreads; ++i) {
    pthread_join(threads[i], NULL);
    sum.allocations += g_tallies[i].allocations;
    sum.releases += g_tallies[i].releases;
    sum.bytes += g_tallies[i].bytes;
  }
  claim(&sum);
  return 0;
}
