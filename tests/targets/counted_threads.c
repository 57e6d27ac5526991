// SPDX-License-Identifier: Apache-2.0
//
// Four threads that allocate, realloc and free for ever, each publishing in a
// shared file how many calls have returned so far: struct published_counts, one
// for each thread.  The test kills this program and compares with the trace.
//
// usage: counted_threads FILE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "support.h"

enum { kThreads = 4 };

// The test reads this as four triples of 64-bit numbers.
struct published_counts {
  _Atomic uint64_t tid;
  _Atomic uint64_t allocations;
  _Atomic uint64_t releases;
};

static struct published_counts* g_published;

// Release order: a count that the test sees is of a call that has returned.
static void publish(_Atomic uint64_t* count) {
  const uint64_t value = atomic_load_explicit(count, memory_order_relaxed);
  atomic_store_explicit(count, value + 1, memory_order_release);
}

static NOINLINE void one_block(struct published_counts* own, unsigned* state) {
  void* block = keep(malloc(next_random(state) % 900));
  publish(&own->allocations);
  if (next_random(state) % 4 == 0) {
    block = keep(realloc(block, 1 + next_random(state) % 3000));
    publish(&own->releases);
    publish(&own->allocations);
  }
  free(block);
  publish(&own->releases);
}

static NOINLINE void nested(struct published_counts* own, unsigned* state,
                            unsigned depth) {
  if (depth == 0) {
    one_block(own, state);
  } else {
    nested(own, state, depth - 1);
  }
  keep(state);
}

static void* work(void* argument) {
  struct published_counts* own = argument;
  unsigned state = (unsigned)(own - g_published) + 7;
  own->tid = (uint64_t)syscall(SYS_gettid);
  for (;;) nested(own, &state, next_random(&state) % 8);
  return NULL;
}

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  const size_t bytes = kThreads * sizeof(struct published_counts);
  const int fd = open(argv[1], O_RDWR | O_CREAT, 0600);
  REQUIRE(fd >= 0 && ftruncate(fd, (off_t)bytes) == 0);
  g_published = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  REQUIRE(g_published != MAP_FAILED);
  pthread_t thread;
  for (size_t i = 0; i < kThreads; ++i) {
    REQUIRE(!pthread_create(&thread, NULL, work, &g_published[i]));
  }
  pthread_join(thread, NULL);
  return 0;
}
