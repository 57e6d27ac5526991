// SPDX-License-Identifier: Apache-2.0
#include "intercept/hooks.h"

#include <algorithm>

namespace sagemem {

using trace::Kind;

constinit BootArena g_boot_arena;

bool enter_slow(bool is_allocation, std::uint64_t pc) noexcept {
  if (g_real.malloc == nullptr) [[unlikely]] {
    if (t_state.activity == Activity::Resolving) return false;
    resolve_real_functions();
  }
  if (t_state.activity != Activity::Idle) {
    g_recorder.on_nested(is_allocation, is_allocator_code(pc));
    return false;
  }
  ErrnoKeeper keeper;
  return g_recorder.wake(is_allocation);
}

namespace {

void* move_out_of_arena(void* block, std::size_t size) noexcept {
  void* moved = malloc(size);
  if (moved != nullptr) {
    std::memcpy(moved, block, std::min(size, BootArena::size_of(block)));
  }
  return moved;
}

}  // namespace

void* reallocate(trace::Api api, void* block, std::size_t size,
                 const CallPoint& point) noexcept {
  if (block == nullptr) {
    return allocate(api, size, 0, point,
                    [=] { return g_real.realloc(nullptr, size); });
  }
  if (g_boot_arena.contains(block)) return move_out_of_arena(block, size);
  if (!enter(true, point.pc)) {
    enter_slow(false, point.pc);  // a release was missed as well: counts it
    return g_real.realloc(block, size);
  }
  t_state.activity = Activity::Recording;
  g_recorder.on_release(Kind::ReallocBegin, api, address_of(block));
  t_state.activity = Activity::RealCall;
  void* moved = g_real.realloc(block, size);
  t_state.activity = Activity::Recording;
  g_recorder.on_block(Kind::ReallocEnd, api, size, address_of(moved), 0, point);
  t_state.activity = Activity::Idle;
  return moved;
}

}  // namespace sagemem
