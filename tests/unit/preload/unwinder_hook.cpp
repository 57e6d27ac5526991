// SPDX-License-Identifier: Apache-2.0
#include "unwinder_hook.h"

#include <cstdlib>
#include <memory>

#include "capture/inner_walk.h"
#include "capture/stack_check.h"

namespace sagemem::test {

namespace {

// Finds the stack the quick way and makes it the last one.
template <VerifiedUnwinder::LastStack kind>
bool walk_inner(VerifiedUnwinder& unwinder, const CallPoint& point) {
  const auto state = std::make_unique<trace::DeltaState>();
  const auto room = std::make_unique<FrameCodes::Room>();
  FrameCodes codes(*state, *room);
  VerifiedUnwinder::InnerWalk walk{};
  if (!unwinder.walk_inner<kind>(point, codes, walk)) return false;
  unwinder.accept_inner<kind>(walk, codes.count());
  return true;
}

bool walk_inner(VerifiedUnwinder& unwinder, const CallPoint& point) {
  switch (unwinder.last_kind()) {
    case VerifiedUnwinder::LastStack::None:
      return false;
    case VerifiedUnwinder::LastStack::Plain:
      return walk_inner<VerifiedUnwinder::LastStack::Plain>(unwinder, point);
    case VerifiedUnwinder::LastStack::Linked:
      return walk_inner<VerifiedUnwinder::LastStack::Linked>(unwinder, point);
  }
  return false;
}

}  // namespace

bool takes_quick_way() {
#if defined(__x86_64__)
  return std::getenv("SAGEMEM_TEST_GENERAL_WAY") == nullptr;
#else
  return false;
#endif
}

__attribute__((noinline)) Captured capture_here(VerifiedUnwinder& unwinder,
                                                ModuleTable& modules) {
  const CallPoint point = SAGEMEM_CALL_POINT();
  Captured captured{};
  // As the hooks do: the short way first, then the quick one.
  if (unwinder.is_last_again(point)) {
    captured.delta = unwinder.last();
    captured.is_last_again = true;
  } else if (takes_quick_way() && unwinder.has_seen(modules.generation()) &&
             !modules.is_of_loader(point.pc) && walk_inner(unwinder, point)) {
    captured.delta = unwinder.last();
    captured.is_inner_walk = true;
  } else {
    captured.result = unwinder.capture(point, modules);
    captured.delta = unwinder.delta();
  }
  captured.as_libunwind = is_as_libunwind(point, captured.delta);
  if (!captured.is_inner_walk) unwinder.accept();
  return captured;
}

}  // namespace sagemem::test
