// SPDX-License-Identifier: Apache-2.0
//
// operator new that fails: exceptions pass through the operator, a new-handler
// runs inside of it and allocates, nothrow forms return null.  What comes after
// must be recorded as if nothing had been.
#include <cstddef>
#include <cstdint>
#include <new>

#include "support.h"

namespace {

constexpr int kRounds = 50;
constexpr std::align_val_t kAlignment{64};
volatile std::size_t g_too_much = PTRDIFF_MAX - 65536;
int g_handled = 0;

[[gnu::noinline]] void allocate_after() {
  ::operator delete(keep(::operator new(1000)));
  keep(nullptr);
}

[[gnu::noinline]] void handle_shortage() {
  free(keep(malloc(77)));
  // The second time in a row: give up, operator new throws.
  if (++g_handled % 2 == 0) std::set_new_handler(nullptr);
}

template <typename Call>
int caught(Call call) {
  try {
    call();
  } catch (const std::bad_alloc&) {
    allocate_after();
    return 1;
  }
  return 0;
}

int fail_in_every_way() {
  int count = 0;
  count += caught([] { keep(::operator new(g_too_much)); });
  count += caught([] { keep(::operator new[](g_too_much)); });
  count += caught([] { keep(::operator new(g_too_much, kAlignment)); });
  std::set_new_handler(handle_shortage);
  count += caught([] { keep(::operator new(g_too_much)); });
  REQUIRE(keep(::operator new(g_too_much, std::nothrow)) == nullptr);
  REQUIRE(keep(::operator new[](g_too_much, kAlignment, std::nothrow)) ==
          nullptr);
  return count;
}

}  // namespace

int main() {
  int count = 0;
  for (int i = 0; i < kRounds; ++i) count += fail_in_every_way();
  REQUIRE(count == 4 * kRounds);
  say("allocate_after=%d handle_shortage=%d\n", count, g_handled);
  return 0;
}
