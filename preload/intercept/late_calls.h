// SPDX-License-Identifier: Apache-2.0
//
// The real calls when recording has stopped: still counted, see
// Recorder::on_late_block().  Or nothing at all is to be done, in every other
// state: then these only pass the call on.
#pragma once

#include <cstddef>
#include <cstdint>

#include "session/recorder.h"

namespace sagemem {

template <typename RealCall>
void* allocate_late(std::size_t size, RealCall real_call) noexcept {
  if (!Recorder::is_late()) return real_call();
  t_state.pass = kInside;  // what the allocator calls is its own business
  void* block = real_call();
  g_recorder.on_late_block(
      block == nullptr ? trace::Kind::AllocFailed : trace::Kind::Alloc, size,
      reinterpret_cast<std::uintptr_t>(block));
  t_state.leave();
  return block;
}

template <typename RealCall>
void release_late(RealCall real_call) noexcept {
  if (!Recorder::is_late()) return real_call();
  t_state.pass = kInside;
  g_recorder.on_late_release();
  real_call();
  t_state.leave();
}

// `block` is not null.
template <typename RealCall>
void* reallocate_late(std::size_t size, RealCall real_call) noexcept {
  if (!Recorder::is_late()) return real_call();
  t_state.pass = kInside;
  void* moved = real_call();
  g_recorder.on_late_block(trace::Kind::ReallocEnd, size,
                           reinterpret_cast<std::uintptr_t>(moved));
  t_state.leave();
  return moved;
}

}  // namespace sagemem
