// SPDX-License-Identifier: Apache-2.0
//
// Code that unwinders have trouble with, and the truth about its stacks (see
// truth.h): libraries that take turns at one address, generated code, and every
// single instruction of functions and of the way into them.
//
// usage: true_code plugins|unseen|generated|stepped [ROUNDS]
#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "load_plugin.h"
#include "truth.h"

namespace {

#define WITH_FRAME_POINTER \
  NOINLINE __attribute__((optimize("no-omit-frame-pointer")))

// ------------------------------------------------------------------- plugins

using Entry = void (*)(Shadow*, int, void (*)());
using Close = int (*)(void*);

// As glibc itself closes what it has loaded for iconv or name services: past
// whoever stands in front of it.
Close unseen_close() {
  void* libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  REQUIRE(libc != nullptr);
  void* symbol = dlsym(libc, "dlclose");
  REQUIRE(symbol != nullptr);
  return reinterpret_cast<Close>(symbol);
}

NOINLINE std::uint64_t use_plugin(const char* name, int depth, Close close) {
  ENTER;
  void* handle = load_plugin(name);
  void* symbol = dlsym(handle, "true_plugin_entry");
  REQUIRE(symbol != nullptr);
  reinterpret_cast<Entry>(symbol)(shadow_now(), depth, allocate_truly);
  REQUIRE(close(handle) == 0);
  LEAVE;
  return reinterpret_cast<std::uint64_t>(symbol);
}

NOINLINE void plugins(int rounds, Close close) {
  ENTER;
  int shared = 0;
  for (int i = 0; i < rounds; ++i) {
    shared += use_plugin("true_plugin_small.so", i % 4, close) ==
              use_plugin("true_plugin_large.so", i % 4, close);
  }
  say("shared=%d\n", shared);
  LEAVE;
}

// ----------------------------------------------------------------- generated

using Generated = void (*)(void (*)());

Generated generate(const unsigned char* code, std::size_t bytes) {
  constexpr std::size_t kPage = 4096;
  void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page != MAP_FAILED);
  memcpy(page, code, bytes);
  REQUIRE(mprotect(page, kPage, PROT_READ | PROT_EXEC) == 0);
  return reinterpret_cast<Generated>(page);
}

// Notes its caller's return address, too: generated code notes nothing.
WITH_FRAME_POINTER void be_called_by_chain() {
  const auto* frame =
      static_cast<const std::uint64_t*>(__builtin_frame_address(0));
  shadow_push(reinterpret_cast<const std::uint64_t*>(frame[0])[1]);
  ENTER;
  allocate_truly();
  keep(nullptr);
  shadow_pop(2);
}

// Its stack can not be known: only counted.
NOINLINE void be_called_by_stranger() {
  free(keep(malloc(16)));
  keep(nullptr);
}

NOINLINE void call_generated(Generated chain, Generated stranger) {
  ENTER;
  allocate_truly();
  chain(be_called_by_chain);
  stranger(be_called_by_stranger);
  allocate_truly();
  LEAVE;
}

NOINLINE void generated(int rounds) {
  // push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret
  const unsigned char with_frame[] = {0x55, 0x48, 0x89, 0xe5,
                                      0xff, 0xd7, 0x5d, 0xc3};
  // sub $8, %rsp; call *%rdi; add $8, %rsp; ret
  const unsigned char without[] = {0x48, 0x83, 0xec, 0x08, 0xff, 0xd7,
                                   0x48, 0x83, 0xc4, 0x08, 0xc3};
  ENTER;
  const Generated chain = generate(with_frame, sizeof with_frame);
  const Generated stranger = generate(without, sizeof without);
  for (int i = 0; i < rounds; ++i) call_generated(chain, stranger);
  say("generated=%d\n", 2 * rounds);
  LEAVE;
}

// ------------------------------------------------------------------- stepped

// A breakpoint begins and ends stepping; a step is told apart by its code.
void on_step(int, siginfo_t* information, void* context) {
  constexpr greg_t kTrapFlag = 0x100;
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if (information->si_code != TRAP_TRACE) {
    registers[REG_EFL] ^= kTrapFlag;
    return;
  }
  // Between the instruction and the function that steps there may be a frame
  // whose beginning has not noted itself yet, or whose end has done so.
  shadow_push(kGap);
  shadow_push(static_cast<std::uint64_t>(registers[REG_RIP]));
  ENTER;
  allocate_truly();
  keep(nullptr);
  shadow_pop(3);
}

inline void breakpoint() {
  __asm__ volatile("int3" : : : "memory");
}

NOINLINE int leaf(int value) {
  return value * value + getppid() / 2;
}

WITH_FRAME_POINTER int with_frame_pointer(int value) {
  volatile char room[200];
  room[value & 63] = 1;
  return leaf(value) + room[value & 63];
}

__attribute__((noinline, noclone, force_align_arg_pointer)) int realigned(
    int value) {
  alignas(64) volatile char room[64];
  room[value & 63] = 1;
  return with_frame_pointer(value) + room[value & 63];
}

NOINLINE void step_through(int value) {
  ENTER;
  breakpoint();
  const int result = realigned(value);
  breakpoint();
  __asm__ volatile("" : : "r"(result));
  LEAVE;
}

NOINLINE void stepped(int rounds) {
  ENTER;
  struct sigaction action = {};
  action.sa_sigaction = on_step;
  action.sa_flags = SA_SIGINFO;
  REQUIRE(sigaction(SIGTRAP, &action, nullptr) == 0);
  for (int i = 0; i < rounds; ++i) step_through(i);
  LEAVE;
}

}  // namespace

int main(int argc, char** argv) {
  ENTER;
  REQUIRE(argc > 1);
  const int rounds = argc > 2 ? atoi(argv[2]) : 4;
  if (strcmp(argv[1], "plugins") == 0) plugins(rounds, dlclose);
  if (strcmp(argv[1], "unseen") == 0) plugins(rounds, unseen_close());
  if (strcmp(argv[1], "generated") == 0) generated(rounds);
  if (strcmp(argv[1], "stepped") == 0) stepped(rounds);
  LEAVE;
  return 0;
}
