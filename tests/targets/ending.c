// SPDX-License-Identifier: Apache-2.0
//
// Allocates 100 blocks, frees 60 of them, and ends in the way that was asked
// for.
//
// usage: ending return|exit|_exit|quick_exit|raw_exit|abort|segv|kill|
//               term|thread_exit|overflow|overflow_altstack
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "support.h"

static void handle_overflow(int signal_number) {
  (void)signal_number;
  static const char kText[] = "overflow handled\n";
  if (write(STDOUT_FILENO, kText, sizeof kText - 1) < 0) _exit(99);
  _exit(5);
}

static void use_alternate_stack(void) {
  static char stack[64 * 1024];
  const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  REQUIRE(sigaltstack(&alternate, NULL) == 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle_overflow;
  action.sa_flags = SA_ONSTACK;
  REQUIRE(sigaction(SIGSEGV, &action, NULL) == 0);
}

// Allocates on the way down, so that the stack ends inside of a hook as likely
// as outside of one.
static volatile unsigned g_never = ~0u;  // for the compiler: it ends

static NOINLINE int overflow(unsigned depth) {
  if (depth == g_never) return 0;
  char padding[8000];
  keep(padding);
  free(keep(malloc(depth % 100)));
  return overflow(depth + 1) + padding[depth % sizeof padding];
}

static void* exit_in_thread(void* unused) {
  (void)unused;
  exit(6);
}

static int end(const char* how) {
  if (strcmp(how, "exit") == 0) exit(3);
  if (strcmp(how, "_exit") == 0) _exit(4);
  if (strcmp(how, "quick_exit") == 0) quick_exit(8);
  if (strcmp(how, "raw_exit") == 0) syscall(SYS_exit_group, 9);
  if (strcmp(how, "abort") == 0) abort();
  if (strcmp(how, "segv") == 0) *(volatile int*)keep(NULL) = 1;
  if (strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(how, "term") == 0) raise(SIGTERM);
  if (strcmp(how, "overflow") == 0) return overflow(0);
  if (strcmp(how, "overflow_altstack") == 0) {
    use_alternate_stack();
    return overflow(0);
  }
  if (strcmp(how, "thread_exit") == 0) {
    pthread_t thread;
    REQUIRE(!pthread_create(&thread, NULL, exit_in_thread, NULL));
    pthread_exit(NULL);
  }
  REQUIRE(strcmp(how, "return") == 0);
  return 2;
}

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  struct tally tally = {0, 0, 0};
  void* blocks[100];
  for (size_t i = 0; i < 100; ++i) blocks[i] = take(&tally, 1000 + i);
  for (size_t i = 0; i < 60; ++i) drop(&tally, blocks[i]);
  claim(&tally);
  return end(argv[1]);
}
