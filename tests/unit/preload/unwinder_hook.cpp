// SPDX-License-Identifier: Apache-2.0
#include "unwinder_hook.h"

#include "capture/stack_check.h"

namespace sagemem::test {

__attribute__((noinline)) Captured capture_here(VerifiedUnwinder& unwinder,
                                                ModuleTable& modules) {
  const CallPoint point = SAGEMEM_CALL_POINT();
  Captured captured{};
  // As the hooks do: the short way first.
  if (unwinder.is_last_again(point)) {
    captured.delta = unwinder.last();
    captured.is_last_again = true;
  } else {
    captured.result = unwinder.capture(point, modules);
    captured.delta = unwinder.delta();
  }
  captured.as_libunwind = is_as_libunwind(point, captured.delta);
  unwinder.accept();
  return captured;
}

}  // namespace sagemem::test
