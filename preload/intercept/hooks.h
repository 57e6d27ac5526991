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
// do.  Inside, `t_state.activity` marks what this thread is doing: a hook
// that is entered while it is not Idle was called by the allocator itself, by
// the loader on the recorder's behalf or by a signal handler, and only passes
// the call on.
#pragma once

#include <cstddef>
#include <cstdint>

#include "capture/call_point.h"
#include "intercept/boot_arena.h"
#include "intercept/real.h"
#include "platform/errno_keeper.h"
#include "session/recorder.h"

// Only in an exported function itself.
#define SAGEMEM_CALLER __builtin_return_address(0)
#define SAGEMEM_EXPORT extern "C" __attribute__((visibility("default")))

namespace sagemem {

inline std::uint64_t address_of(const void* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

// Not recording, or not Idle: false when the call is to be passed on as it is.
// Also finds the real functions at the very first call.  `pc`: return address
// of the hook.
bool enter_slow(bool is_allocation, std::uint64_t pc) noexcept;

// True: record this call.  The hook then owns t_state.activity.
inline bool enter(bool is_allocation, std::uint64_t pc) noexcept {
  if (g_recorder.is_recording() && t_state.activity == Activity::Idle)
      [[likely]] {
    return true;
  }
  return enter_slow(is_allocation, pc);
}

// The loader allocates while it looks up the real allocator for us.
inline bool must_use_arena() noexcept {
  return t_state.activity == Activity::Resolving;
}

inline void record_block(trace::Api api, std::size_t size, const void* block,
                         std::size_t alignment,
                         const CallPoint& point) noexcept {
  g_recorder.on_block(
      block == nullptr ? trace::Kind::AllocFailed : trace::Kind::Alloc, api,
      size, address_of(block), alignment, point);
}

// `real_call` returns the block or nullptr.
template <typename RealCall>
inline void* allocate(trace::Api api, std::size_t size, std::size_t alignment,
                      const CallPoint& point, RealCall real_call) noexcept {
  if (!enter(true, point.pc)) {
    return must_use_arena() ? g_boot_arena.allocate(size, alignment)
                            : real_call();
  }
  t_state.activity = Activity::RealCall;
  void* block = real_call();
  t_state.activity = Activity::Recording;
  record_block(api, size, block, alignment, point);
  t_state.activity = Activity::Idle;
  return block;
}

template <typename RealCall>
inline void release(trace::Api api, void* block, const void* caller,
                    RealCall real_call) noexcept {
  if (block == nullptr || g_boot_arena.contains(block)) return;
  if (!enter(false, address_of(caller))) {
    // Resolving: the real allocator does not know any block yet.
    if (!must_use_arena()) real_call();
    return;
  }
  t_state.activity = Activity::Recording;
  g_recorder.on_release(trace::Kind::Free, api, address_of(block));
  t_state.activity = Activity::RealCall;
  real_call();
  t_state.activity = Activity::Idle;
}

void* reallocate(trace::Api api, void* block, std::size_t size,
                 const CallPoint& point) noexcept;

}  // namespace sagemem
