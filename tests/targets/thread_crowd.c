// SPDX-License-Identifier: Apache-2.0
//
// Many threads: COUNT of them one after the other, or all alive at once.  Each
// takes two blocks and gives them back.  Says its own peak of resident memory
// in KiB.
//
// usage: thread_crowd sequence|together COUNT
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include "support.h"

static pthread_barrier_t g_barrier;
static int g_together;

static NOINLINE void allocate_twice(void) {
  void* first = keep(malloc(100));
  void* second = keep(malloc(200));
  if (g_together) pthread_barrier_wait(&g_barrier);
  free(first);
  free(second);
  keep(NULL);
}

static void* work(void* unused) {
  allocate_twice();
  return unused;
}

static void run(pthread_t* threads, int count) {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, 64 * 1024) == 0);
  for (int i = 0; i < count; ++i) {
    REQUIRE(!pthread_create(&threads[i], &attributes, work, NULL));
    if (!g_together) pthread_join(threads[i], NULL);
  }
  for (int i = 0; g_together && i < count; ++i) pthread_join(threads[i], NULL);
}

int main(int argc, char** argv) {
  static pthread_t threads[20000];
  REQUIRE(argc == 3);
  const int count = atoi(argv[2]);
  REQUIRE(count > 0 && count <= 20000);
  g_together = strcmp(argv[1], "together") == 0;
  pthread_barrier_init(&g_barrier, NULL, (unsigned)count);
  run(threads, count);
  struct rusage usage;
  REQUIRE(getrusage(RUSAGE_SELF, &usage) == 0);
  say("allocate_twice=%d\n", 2 * count);
  say("resident_kib=%ld\n", usage.ru_maxrss);
  return 0;
}
