// SPDX-License-Identifier: Apache-2.0
//
// Eight named threads at once, each with a known share; the blocks of one
// thread are freed by the next one.
#include <pthread.h>

#include "support.h"

enum { kThreads = 8, kBlocks = 500 };

struct share {
  pthread_t thread;
  size_t number;
  struct tally tally;
  void* blocks[kBlocks];
};

static struct share g_shares[kThreads];
static pthread_barrier_t g_barrier;

static void* work(void* argument) {
  struct share* own = argument;
  char name[16];
  snprintf(name, sizeof name, "worker %zu", own->number);
  REQUIRE(pthread_setname_np(pthread_self(), name) == 0);
  struct share* other = &g_shares[(own->number + 1) % kThreads];
  for (size_t i = 0; i < kBlocks; ++i) {
    own->blocks[i] = take(&own->tally, (own->number + 1) * 8 + i % 11);
  }
  pthread_barrier_wait(&g_barrier);
  for (size_t i = 0; i < kBlocks; ++i) drop(&own->tally, other->blocks[i]);
  pthread_barrier_wait(&g_barrier);
  return NULL;
}

int main(void) {
  pthread_barrier_init(&g_barrier, NULL, kThreads);
  for (size_t i = 0; i < kThreads; ++i) {
    g_shares[i].number = i;
    REQUIRE(!pthread_create(&g_shares[i].thread, NULL, work, &g_shares[i]));
  }
  struct tally sum = {0, 0, 0};
  for (size_t i = 0; i < kThreads; ++i) {
    pthread_join(g_shares[i].thread, NULL);
    sum.allocations += g_shares[i].tally.allocations;
    sum.releases += g_shares[i].tally.releases;
    sum.bytes += g_shares[i].tally.bytes;
  }
  claim(&sum);
  return 0;
}
