// SPDX-License-Identifier: Apache-2.0
//
// What every exported allocation function does around the real call; the
// exported functions themselves (malloc_api.cpp, operator_api.cpp) are one
// statement each.
//
//   allocate()    real call, then record: the block is ours when it is noted
//   release()     record, then real call: nobody else can have it before
//   reallocate()  the old block before, the new one after
//
// So for each address the trace says born, gone, born, gone, whatever threads
// do.  Inside, `t_state` marks what this thread is doing: a hook that is
// entered while it is not Idle was called by the allocator itself, by the
// loader on the recorder's behalf or by a signal handler, and only passes the
// call on.
//
// Each has two ways: the short one of a thread that records alone, inlined into
// the exported function, and the general one out of line.
#pragma once

#include <cstddef>
#include <cstdint>

#include "capture/call_point.h"
#include "intercept/boot_arena.h"
#include "intercept/late_calls.h"
#include "intercept/real.h"
#include "platform/errno_keeper.h"
#include "session/recorder.h"

#define SAGEMEM_EXPORT extern "C" __attribute__((visibility("default")))

namespace sagemem {

inline std::uint64_t address_of(const void* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

// Not recording, or not Idle: false when the call is to be passed on as it is.
// Also finds the real functions at the very first call.  `pc`: return address
// of the hook.
bool enter_slow(bool is_allocation, std::uint64_t pc) noexcept;

// True: record this call.
inline bool enter(bool is_allocation, std::uint64_t pc) noexcept {
  if (g_recorder.is_recording() && t_state.is_idle()) [[likely]]
    return true;
  return enter_slow(is_allocation, pc);
}

// A signal handler of this thread may come between any two instructions: the
// mark stands before the first store to the record, and until after the last.
[[gnu::always_inline]] inline void go_inside() noexcept {
  t_state.pass = kInside;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}
[[gnu::always_inline]] inline void go_outside(std::int64_t pass) noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  t_state.pass = pass;
}

// The loader allocates while it looks up the real allocator for us.
inline bool must_use_arena() noexcept {
  return t_state.activity() == Activity::Resolving;
}

inline void record_block(trace::Api api, std::size_t size, const void* block,
                         std::size_t alignment,
                         const CallPoint& point) noexcept {
  g_recorder.on_block(
      block == nullptr ? trace::Kind::AllocFailed : trace::Kind::Alloc, api,
      size, address_of(block), alignment, point);
}

// The thread has no pass, or is inside a hook.
template <typename RealCall>
[[gnu::noinline]] void* allocate_without_pass(trace::Api api, std::size_t size,
                                              std::size_t alignment,
                                              const CallPoint& point,
                                              RealCall real_call) noexcept {
  if (!enter(true, point.pc)) {
    return must_use_arena() ? g_boot_arena.allocate(size, alignment)
                            : allocate_late(size, real_call);
  }
  go_inside();
  void* block = real_call();
  record_block(api, size, block, alignment, point);
  t_state.leave();
  return block;
}

// The real call is done, and the thread is marked as inside: it had a pass.
void record_after_pass(trace::Api api, std::size_t size, void* block,
                       std::size_t alignment, const CallPoint& point) noexcept;

// `real_call` returns the block or nullptr.  `call_point`: SAGEMEM_CALL_POINT.
template <typename GetCallPoint, typename RealCall>
[[gnu::always_inline]] inline void* allocate(trace::Api api, std::size_t size,
                                             std::size_t alignment,
                                             GetCallPoint call_point,
                                             RealCall real_call) noexcept {
  const std::int64_t pass = t_state.pass;
  if (pass < 0) [[unlikely]] {
    return allocate_without_pass(api, size, alignment, call_point(), real_call);
  }
  go_inside();
  void* block = real_call();
  // Only now: see event_order.h.
  const std::uint64_t address = address_of(block);
  if (!g_gate.is_open_to(static_cast<std::uint64_t>(pass)) || alignment > 1 ||
      block == nullptr || !Recorder::is_in_order(pass, address) ||
      (!Recorder::on_simple_alloc(api, size, address, call_point()) &&
       !Recorder::on_inner_block(trace::Kind::Alloc, api, size, address,
                                 call_point()))) [[unlikely]] {
    record_after_pass(api, size, block, alignment, call_point());
    return block;
  }
  go_outside(pass);
  return block;
}

template <typename RealCall>
[[gnu::noinline]] void release_generally(trace::Api api, void* block,
                                         const CallPoint& point,
                                         RealCall real_call) noexcept {
  if (block == nullptr || g_boot_arena.contains(block)) return;
  if (!enter(false, point.pc)) {
    if (must_use_arena()) {
      keep_until_resolved(block);
    } else {
      release_late(real_call);
    }
    return;
  }
  go_inside();
  g_recorder.on_release(trace::Kind::Free, api, address_of(block), point);
  real_call();
  t_state.leave();
}

template <typename GetCallPoint, typename RealCall>
[[gnu::always_inline]] inline void release(trace::Api api, void* block,
                                           GetCallPoint call_point,
                                           RealCall real_call) noexcept {
  const std::int64_t pass = t_state.pass;
  if (g_gate.is_open_to(static_cast<std::uint64_t>(pass)) && block != nullptr &&
      Recorder::is_in_order(pass, address_of(block))) [[likely]] {
    go_inside();
    if (Recorder::on_simple_free(api, address_of(block))) [[likely]] {
      real_call();
      go_outside(pass);
      return;
    }
    go_outside(pass);
  }
  release_generally(api, block, call_point(), real_call);
}

void* reallocate(trace::Api api, void* block, std::size_t size,
                 const CallPoint& point) noexcept;

}  // namespace sagemem
