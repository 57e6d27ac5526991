// SPDX-License-Identifier: Apache-2.0
//
// Functions of every kind to put probes on, each of which checks what it is
// given and what its caller keeps.  Prints how often each was called, and how
// many of the calls were left by an exception, a jump or the end of a thread.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csetjmp>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "support.h"

#define PROBED extern "C" __attribute__((noinline, used))
// A call in the middle keeps the compiler from making it a jump.
#define ALLOCATE() std::free(keep(std::malloc(24)))

namespace {

struct Large {
  long words[9];
};
struct Pair {
  double real;
  long count;
};

}  // namespace

// ------------------------------------------------------- how values are passed

PROBED long many_words(long a, long b, long c, long d, long e, long f, long g,
                       long h, long i, long j) {
  ALLOCATE();
  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i +
         10 * j;
}
PROBED double many_doubles(double a, double b, double c, double d, double e,
                           double f, double g, double h, double i, double j) {
  ALLOCATE();
  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i +
         10 * j;
}
PROBED long double long_double(long double a, int n) {
  ALLOCATE();
  return a * n;
}
PROBED long by_value(Large large, int index) {
  ALLOCATE();
  return large.words[8] + index;
}
PROBED Large large_result(long first) {
  ALLOCATE();
  Large result{};
  for (int i = 0; i < 9; ++i) result.words[i] = first + i;
  return result;
}
PROBED Pair pair_result(double real, long count) {
  ALLOCATE();
  return {real * 2, count * 2};
}
PROBED long variadic(int count, ...) {
  ALLOCATE();
  va_list list;
  va_start(list, count);
  long sum = 0;
  for (int i = 0; i < count; ++i) sum += va_arg(list, long);
  va_end(list);
  return sum;
}
PROBED long recursive(long depth) {
  ALLOCATE();
  return depth == 0 ? 0 : depth + recursive(depth - 1);
}
PROBED long tail_called(long a, long b, long c, long d, long e, long f, long g,
                        long h) {
  ALLOCATE();
  return a + b + c + d + e + f + 10 * g + 100 * h;
}
// Passes its stack arguments on without looking at them.
PROBED __attribute__((optimize("optimize-sibling-calls"))) long tail_calling(
    long a, long b, long c, long d, long e, long f, long g, long h) {
  return tail_called(a + 1, b, c, d, e, f, g, h);
}
// The table of its switch leads to its very first instruction.
extern "C" int interpreted(const char* code);
__asm__(
    ".pushsection .text\n"
    ".p2align 4\n"
    ".type interpreted, @function\n"
    "interpreted: .cfi_startproc\n"
    "0: movzbl (%rdi), %eax\n"
    "incq %rdi\n"
    "leaq 3f(%rip), %rdx\n"
    "movslq (%rdx,%rax,4), %rax\n"
    "addq %rdx, %rax\n"
    "jmp *%rax\n"
    "1: movl $7, %eax\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size interpreted, . - interpreted\n"
    ".popsection\n"
    ".pushsection .rodata\n"
    ".p2align 2\n"
    "3: .long 0b - 3b, 1b - 3b\n"
    ".popsection\n");
PROBED void nothing() {
  __asm__ volatile("" : : : "memory");
}

// Static, so that the compiler may choose which registers it keeps, and pass
// arguments as it likes.
static __attribute__((noinline)) long private_one(long a, const long* b) {
  return a * 3 + *b;
}
static __attribute__((noinline)) long cloned(long, long constant,
                                             const long* read) {
  __asm__ volatile("" : : : "memory");
  return constant * *read;
}
static __attribute__((noinline)) double private_double(double a) {
  return a * 1.5 + 1;
}

static void pass_values() {
  for (long i = 0; i < 100; ++i) {
    REQUIRE(many_words(i, 1, 2, 3, 4, 5, 6, 7, 8, 9) == i + 330);
    REQUIRE(many_doubles(1, 1, 1, 1, 1, 1, 1, 1, 1, double(i)) ==
            45 + 10.0 * double(i));
    REQUIRE(long_double(1.25L, int(i)) == 1.25L * i);
    Large large{};
    large.words[8] = i;
    REQUIRE(by_value(large, 2) == i + 2);
    REQUIRE(large_result(i).words[8] == i + 8);
    const Pair pair = pair_result(double(i), i);
    REQUIRE(pair.real == 2.0 * double(i) && pair.count == 2 * i);
    REQUIRE(variadic(8, i, 1L, 2L, 3L, 4L, 5L, 6L, 7L) == i + 28);
    REQUIRE(recursive(5) == 15);
    REQUIRE(tail_calling(i, 0, 0, 0, 0, 0, 1, 2) == i + 211);
    REQUIRE(interpreted("\0\0\0\1") == 7);
    nothing();
    // Values that are live across a call that clobbers few registers.
    long kept[6] = {i, i + 1, i + 2, i + 3, i + 4, i + 5};
    const long one = private_one(i, kept);
    REQUIRE(one + kept[0] + kept[5] == i * 4 + i + i + 5);
    REQUIRE(cloned(i, 5, kept) == 5 * i);
    double sum = 0;
    for (int k = 0; k < 4; ++k) sum += double(k) * private_double(double(k));
    REQUIRE(sum == 6 + 1.5 * 14);
  }
}

// More calls than a segment of the trace has room for, with arguments in vector
// registers all the while.
static void fill_segments() {
  for (int i = 0; i < 15000; ++i) {
    REQUIRE(private_double(double(i)) == double(i) * 1.5 + 1);
  }
}

// ---------------------------------------------------------- how calls are left

static jmp_buf g_jump;
static volatile bool g_may_jump = true;

PROBED void throwing(int depth) {
  ALLOCATE();
  if (depth == 0) throw std::runtime_error("thrown");
  throwing(depth - 1);
  ALLOCATE();
}
PROBED void throwing_words(long a, long b, long c, long d, long e, long f,
                           long g) {
  ALLOCATE();
  if (g == 7) throw std::runtime_error("thrown");
  std::printf("%ld\n", a + b + c + d + e + f + g);
}
PROBED void jumping(int depth) {
  ALLOCATE();
  if (depth > 0) {
    jumping(depth - 1);
  } else if (g_may_jump) {
    std::longjmp(g_jump, 1);
  }
  ALLOCATE();
}
PROBED void cancelled() {
  ALLOCATE();
  for (;;) pause();
}
PROBED void exiting() {
  ALLOCATE();
  pthread_exit(nullptr);
}

static volatile bool g_is_there;

static void* be_cancelled(void*) {
  ALLOCATE();
  g_is_there = true;
  cancelled();
  return nullptr;
}
static void* exit_within(void*) {
  exiting();
  return nullptr;
}

static void leave_calls() {
  for (int i = 0; i < 10; ++i) {
    try {
      throwing(3);
      REQUIRE(false);
    } catch (const std::runtime_error&) {
      ALLOCATE();
    }
    try {
      throwing_words(1, 2, 3, 4, 5, 6, 7);
      REQUIRE(false);
    } catch (const std::runtime_error&) {
      ALLOCATE();
    }
    if (setjmp(g_jump) == 0) jumping(3);
    ALLOCATE();
    pthread_t thread;
    g_is_there = false;
    REQUIRE(pthread_create(&thread, nullptr, &be_cancelled, nullptr) == 0);
    REQUIRE(pthread_cancel(thread) == 0);
    REQUIRE(pthread_join(thread, nullptr) == 0);
    REQUIRE(pthread_create(&thread, nullptr, &exit_within, nullptr) == 0);
    REQUIRE(pthread_join(thread, nullptr) == 0);
  }
}

// --------------------------------------------------- threads, signals,
// children

static volatile sig_atomic_t g_handled;

PROBED void handled(int) {
  g_handled = g_handled + 1;
}
PROBED long of_thread(long number) {
  ALLOCATE();
  return number + 1;
}

static void* call_often(void* argument) {
  long sum = 0;
  for (long i = 0; i < 2000; ++i) sum = of_thread(sum);
  REQUIRE(sum == 2000);
  return argument;
}

static void share() {
  pthread_t threads[4];
  for (pthread_t& thread : threads) {
    REQUIRE(pthread_create(&thread, nullptr, &call_often, nullptr) == 0);
  }
  for (const pthread_t thread : threads) {
    REQUIRE(pthread_join(thread, nullptr) == 0);
  }
  std::signal(SIGUSR1, &handled);
  for (int i = 0; i < 100; ++i) std::raise(SIGUSR1);
  REQUIRE(g_handled == 100);
}

static void have_child() {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (long i = 0; i < 50; ++i) REQUIRE(of_thread(i) == i + 1);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child && status == 0);
}

int main() {
  pass_values();
  fill_segments();
  leave_calls();
  share();
  have_child();
  std::printf(
      "many_words=100 recursive=600 throwing=40 throwing_words=10 "
      "jumping=40 exiting=10 of_thread=8000\n");
  return 0;
}
