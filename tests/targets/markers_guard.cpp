// SPDX-License-Identifier: Apache-2.0
//
// Scopes of C++ end by exceptions, too.
#include <stdexcept>

#include "sagemem.h"
#include "support.h"

namespace {

NOINLINE void process(int64_t number) {
  const sagemem::ScopeGuard scope("guarded", number);
  free(keep(malloc(100)));
  if (number == 2) throw std::runtime_error("enough");
}

}  // namespace

int main() {
  for (int64_t number = 0; number < 4; ++number) {
    try {
      process(number);
    } catch (const std::runtime_error&) {
      say("caught=%d\n", static_cast<int>(number));
    }
  }
  return 0;
}
