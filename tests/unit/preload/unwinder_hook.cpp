// SPDX-License-Identifier: Apache-2.0
#include "unwinder_hook.h"

#include <memory>

#include "capture/inner_walk.h"
#include "capture/stack_check.h"

namespace sagemem::test {

__attribute__((noinline)) Captured capture_here(VerifiedUnwinder& unwinder,
                                                ModuleTable& modules) {
  const CallPoint point = SAGEMEM_CALL_POINT();
  Captured captured{};
  // As the hooks do: the short way first, then the quick one.
  const auto state = std::make_unique<trace::DeltaState>();
  const auto room = std::make_unique<FrameCodes::Room>();
  FrameCodes codes(*state, *room);
  VerifiedUnwinder::InnerWalk walk{};
  if (unwinder.is_last_again(point)) {
    captured.delta = unwinder.last();
    captured.is_last_again = true;
  } else if (unwinder.is_settled(point.pc, modules) &&
             unwinder.walk_inner(point, codes, walk)) {
    captured.delta = unwinder.accept_inner(walk, codes.count());
    captured.is_inner_walk = true;
    captured.as_libunwind = is_as_libunwind(point, captured.delta);
    return captured;
  } else {
    captured.result = unwinder.capture(point, modules);
    captured.delta = unwinder.delta();
  }
  captured.as_libunwind = is_as_libunwind(point, captured.delta);
  unwinder.accept();
  return captured;
}

}  // namespace sagemem::test
