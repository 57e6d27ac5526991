// SPDX-License-Identifier: Apache-2.0
#include "unwinder_hook.h"

#include <cstdlib>
#include <memory>

#include "capture/inner_walk.h"
#include "capture/stack_check.h"

namespace sagemem::test {

namespace {

// Finds the stack the quick way and makes it the last one, as the recorder
// does.
template <VerifiedUnwinder::LastStack kind>
QuickWay take_quick_way(VerifiedUnwinder& unwinder, const CallPoint& point) {
  VerifiedUnwinder::InnerWalk walk{};
  if (unwinder.looks_for_paths() &&
      unwinder.find_path<kind>(point, walk) != nullptr) {
    unwinder.accept_inner<kind>(walk);
    return QuickWay::Path;
  }
  const auto state = std::make_unique<trace::DeltaState>();
  const auto room = std::make_unique<FrameCodes::Room>();
  FrameCodes codes(*state, *room);
  if (!unwinder.walk_inner<kind>(point, codes, walk)) return QuickWay::None;
  unwinder.accept_inner<kind>(walk);
  unwinder.keep_path<kind>(point);
  return QuickWay::Walk;
}

QuickWay take_quick_way(VerifiedUnwinder& unwinder, const CallPoint& point) {
  switch (unwinder.last_kind()) {
    case VerifiedUnwinder::LastStack::None:
      break;
    case VerifiedUnwinder::LastStack::Plain:
      return take_quick_way<VerifiedUnwinder::LastStack::Plain>(unwinder,
                                                                point);
    case VerifiedUnwinder::LastStack::Linked:
      return take_quick_way<VerifiedUnwinder::LastStack::Linked>(unwinder,
                                                                 point);
  }
  return QuickWay::None;
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
  } else {
    if (takes_quick_way() && unwinder.has_seen(modules.generation()) &&
        !modules.is_of_loader(point.pc)) {
      captured.quick_way = take_quick_way(unwinder, point);
    }
    if (captured.quick_way != QuickWay::None) {
      captured.delta = unwinder.last();
    } else {
      captured.result = unwinder.capture(point, modules);
      captured.delta = unwinder.delta();
    }
  }
  captured.as_libunwind = is_as_libunwind(point, captured.delta);
  if (captured.quick_way == QuickWay::None) unwinder.accept();
  return captured;
}

}  // namespace sagemem::test
