// SPDX-License-Identifier: Apache-2.0
#include "intercept/hooks.h"

#include <algorithm>

namespace sagemem {

using trace::Kind;

constinit BootArena g_boot_arena;

bool enter_slow(bool is_allocation, std::uint64_t pc) noexcept {
  if (g_real.malloc == nullptr) [[unlikely]] {
    if (t_state.activity() == Activity::Resolving) return false;
    resolve_real_functions();
  }
  if (!t_state.is_idle()) {
    g_recorder.on_nested(is_allocation, is_allocator_code(pc));
    return false;
  }
  ErrnoKeeper keeper;
  return g_recorder.wake(is_allocation);
}

void record_after_pass(trace::Api api, std::size_t size, void* block,
                       std::size_t alignment, const CallPoint& point) noexcept {
  if (g_recorder.is_recording()) [[likely]] {
    record_block(api, size, block, alignment, point);
    return t_state.leave();
  }
  // In a fork child, or recording has ended.
  t_state.leave();
  if (!enter(true, point.pc)) {
    const Kind kind = block == nullptr ? Kind::AllocFailed : Kind::Alloc;
    return g_recorder.on_late_block(kind, size, address_of(block));
  }
  go_inside();
  record_block(api, size, block, alignment, point);
  t_state.leave();
}

namespace {

void* move_out_of_arena(void* block, std::size_t size) noexcept {
  void* moved = malloc(size);
  if (moved != nullptr) {
    std::memcpy(moved, block, std::min(size, BootArena::size_of(block)));
  }
  return moved;
}

// The record before the real call, the short way.  False: nothing was done.
[[gnu::always_inline]] inline bool begin_realloc_shortly(
    const void* block, std::int64_t pass) noexcept {
  if (!g_gate.is_open_to(static_cast<std::uint64_t>(pass)) ||
      !Recorder::is_in_order(pass, address_of(block)) ||
      g_boot_arena.contains(block)) [[unlikely]] {
    return false;
  }
  go_inside();
  if (Recorder::on_simple_realloc(address_of(block))) [[likely]]
    return true;
  go_outside(pass);
  return false;
}

// The record after it, of a thread that had `pass`.  Only now is the gate
// looked at, as for an allocation.
[[gnu::always_inline]] inline bool end_realloc_shortly(
    trace::Api api, std::size_t size, const void* moved, const CallPoint& point,
    std::int64_t pass) noexcept {
  return g_gate.is_open_to(static_cast<std::uint64_t>(pass)) &&
         moved != nullptr && Recorder::is_in_order(pass, address_of(moved)) &&
         Recorder::on_inner_block(Kind::ReallocEnd, api, size,
                                  address_of(moved), point);
}

}  // namespace

void* reallocate(trace::Api api, void* block, std::size_t size,
                 const CallPoint& point) noexcept {
  if (block == nullptr) {
    return allocate(
        api, size, 0, [&] { return point; },
        [=] { return g_real.realloc(nullptr, size); });
  }
  const std::int64_t pass = t_state.pass;
  if (!begin_realloc_shortly(block, pass)) [[unlikely]] {
    if (g_boot_arena.contains(block)) return move_out_of_arena(block, size);
    if (!enter(true, point.pc)) {
      enter_slow(false, point.pc);  // a release was missed as well: counts it
      return reallocate_late(size, [=] { return g_real.realloc(block, size); });
    }
    go_inside();
    g_recorder.on_release(Kind::ReallocBegin, api, address_of(block), point);
  }
  void* moved = g_real.realloc(block, size);
  if (!end_realloc_shortly(api, size, moved, point, pass)) [[unlikely]] {
    g_recorder.on_block(Kind::ReallocEnd, api, size, address_of(moved), 0,
                        point);
    t_state.leave();
    return moved;
  }
  go_outside(pass);
  return moved;
}

}  // namespace sagemem
