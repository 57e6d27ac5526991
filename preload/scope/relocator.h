// SPDX-License-Identifier: Apache-2.0
//
// The first instructions of a function, made to run elsewhere: a jump is about
// to be written over them.
//
//   at `from`                      at `to`
//     cmp  $0, x(%rip)               cmp  $0, x'(%rip)       same x
//     je   +8                        je   far form           same target
//     sub  $8, %rsp                  sub  $8, %rsp
//     <goes on>                      jmp  <goes on>
//
// A call leaves the return address that it has always left: no frame is ever
// seen in moved code, for which there is no unwind information.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sagemem/trace/events.h"

namespace sagemem {

// As many whole instructions as cover `least` bytes; 0: there is one that can
// not be moved, or the code ends before.  `available`: what may be displaced;
// behind `function`, only padding.
struct Displaced {
  std::uint32_t bytes = 0;
  trace::ProbeReason reason = trace::ProbeReason::None;  // bytes == 0
};
Displaced measure_entry(const std::uint8_t* code, std::size_t function,
                        std::size_t available, std::size_t least) noexcept;

// Moved code is at most so long.
inline constexpr std::size_t kMaxMoved = 96;

// Writes what `bytes` at `code`, which run at `from`, are at `to`; returns how
// many bytes that are.  0: they can not be.
std::size_t move_code(const std::uint8_t* code, std::size_t bytes,
                      std::uint64_t from, std::uint64_t to,
                      std::uint8_t* out) noexcept;

// jmp rel32.  False: too far.
inline constexpr std::size_t kJumpBytes = 5;
bool make_jump(std::uint64_t from, std::uint64_t to,
               std::uint8_t* out) noexcept;

// jmp rel8.  False: too far.
inline constexpr std::size_t kShortJumpBytes = 2;
bool make_short_jump(std::uint64_t from, std::uint64_t to,
                     std::uint8_t* out) noexcept;

}  // namespace sagemem
