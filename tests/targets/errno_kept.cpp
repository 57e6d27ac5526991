// SPDX-License-Identifier: Apache-2.0
//
// errno as POSIX and glibc leave it: untouched by a call that succeeds and by
// free, ENOMEM from one that fails, untouched by posix_memalign.  Checked on
// the first call of a thread, across many segments, and in a fork child; the
// test also runs it where recording fails.
#include <malloc.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdint>
#include <new>
#include <thread>

#include "support.h"

namespace {

constexpr int kMark = 4242;
volatile std::size_t g_too_much = PTRDIFF_MAX - 4096;

template <typename Call>
void expect_errno(const char* what, int expected, Call call) {
  errno = kMark;
  call();
  const int seen = errno;
  if (seen == expected) return;
  say("%s: errno is %d, not %d\n", what, seen, expected);
  _exit(1);
}

void check_success() {
  void* block = nullptr;
  expect_errno("malloc", kMark, [&] { block = keep(malloc(10)); });
  expect_errno("realloc", kMark, [&] { block = keep(realloc(block, 900)); });
  expect_errno("free", kMark, [&] { free(block); });
  expect_errno("calloc", kMark, [&] { block = keep(calloc(3, 7)); });
  expect_errno("free", kMark, [&] { free(block); });
  expect_errno("posix_memalign", kMark,
               [&] { REQUIRE(posix_memalign(&block, 64, 100) == 0); });
  expect_errno("free", kMark, [&] { free(keep(block)); });
  expect_errno("memalign", kMark, [&] { block = keep(memalign(64, 100)); });
  expect_errno("free", kMark, [&] { free(block); });
  expect_errno("new", kMark, [&] { block = keep(::operator new(50)); });
  expect_errno("delete", kMark, [&] { ::operator delete(block); });
  expect_errno("free", kMark, [] { free(nullptr); });
  // Large enough for a mapping of its own: free is munmap.
  expect_errno("malloc", kMark, [&] { block = keep(malloc(1 << 20)); });
  expect_errno("free", kMark, [&] { free(block); });
}

void check_failure() {
  void* block = keep(malloc(10));
  expect_errno("malloc", ENOMEM,
               [] { REQUIRE(keep(malloc(g_too_much)) == nullptr); });
  expect_errno("calloc", ENOMEM,
               [] { REQUIRE(keep(calloc(g_too_much, 8)) == nullptr); });
  expect_errno("realloc", ENOMEM, [&] {
    REQUIRE(keep(realloc(keep(block), g_too_much)) == nullptr);
  });
  expect_errno("reallocarray", ENOMEM, [&] {
    REQUIRE(keep(reallocarray(keep(block), g_too_much, 8)) == nullptr);
  });
  expect_errno("memalign", ENOMEM,
               [] { REQUIRE(keep(memalign(64, g_too_much)) == nullptr); });
  expect_errno("pvalloc", ENOMEM,
               [] { REQUIRE(keep(pvalloc(g_too_much)) == nullptr); });
  expect_errno("posix_memalign", kMark, [] {
    void* unused = nullptr;
    REQUIRE(posix_memalign(&unused, 3, 100) == EINVAL);
  });
  free(block);
}

void check_rounds(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    check_success();
    if (i % 16 == 0) check_failure();
  }
}

void check_child() {
  const pid_t pid = fork();
  if (pid == 0) {
    check_rounds(10);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
}

}  // namespace

int main() {
  check_rounds(5000);
  std::thread([] { check_rounds(500); }).join();
  check_child();
  // POSIX says nothing of errno here: the test compares with a plain run.
  void* unused = nullptr;
  errno = kMark;
  REQUIRE(posix_memalign(&unused, 64, g_too_much) == ENOMEM);
  say("errno kept; posix_memalign left %d\n", errno);
  return 0;
}
