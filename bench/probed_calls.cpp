// SPDX-License-Identifier: Apache-2.0
//
// What a probe costs: calls a function that does next to nothing, as often as
// is said.  By hand, because a scope's cost is no part of an allocation's:
//
//   SAGEMEM_SCOPES='call = probed_call' SAGEMEM_PACK=off
//     LD_PRELOAD=libsagemem.so probed_calls 100000000
//
// against the same without LD_PRELOAD.  `label call = probed_call (arg1:i8)`
// instead shows what an entry alone costs, the value being the same each time.
#include <cstdio>
#include <cstdlib>

namespace {

volatile long g_last;

}  // namespace

// Two instructions; one of a single byte does as well, if it is followed by
// padding.
extern "C" __attribute__((noinline, noclone)) void probed_call(long number) {
  g_last = number;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: probed_calls CALLS\n", stderr);
    return 2;
  }
  const long calls = std::strtol(argv[1], nullptr, 10);
  for (long i = 0; i < calls; ++i) probed_call(i >> 32);
  return 0;
}
