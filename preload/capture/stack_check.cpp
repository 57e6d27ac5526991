// SPDX-License-Identifier: Apache-2.0
#include "capture/stack_check.h"

#include "capture/libunwind_stack.h"
#include "platform/pages.h"

namespace sagemem {

namespace {

// Changed while the process has one thread.
constinit bool g_may_check = true;

}  // namespace

void check_in_child(bool had_one_thread) noexcept {
  g_may_check = g_may_check && had_one_thread;
}

bool is_as_libunwind(const CallPoint& point, const StackDelta& stack) noexcept {
  if (!g_may_check) return true;
  constexpr std::size_t kBytes = kMaxFrames * sizeof(std::uint64_t);
  // Slow is no matter here; the target's stack may be small.
  auto* frames = static_cast<std::uint64_t*>(take_pages(kBytes));
  if (frames == nullptr) return true;
  std::uint32_t depth = 0;
  const WalkResult result =
      walk_with_libunwind(point.pc, frames, kMaxFrames, depth);
  // libunwind does not report an outermost frame whose pc is the first byte of
  // a function (makecontext).
  bool same = result == WalkResult::Complete &&
              (depth == stack.depth || depth + 1 == stack.depth);
  for (std::uint32_t i = 0; same && i < depth; ++i) {
    same = frames[i] == stack.frames[stack.depth - 1 - i].pc;
  }
  give_pages(frames, kBytes);
  return same;
}

}  // namespace sagemem
