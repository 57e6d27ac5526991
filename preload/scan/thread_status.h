// SPDX-License-Identifier: Apache-2.0
//
// What /proc says of a thread of ours: whether it would answer a signal, and
// may do what its handler does.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sagemem {

enum class Answer : std::uint8_t {
  Will,
  WillNot,  // must not be asked
  IsDeaf,   // while it blocks the signal
  IsGone,
};

// Room for the file.
using StatusText = char[4096];

// What a thread may do is in the hands of its filters (seccomp(2)), which it
// can only add to.  0: all; else the more, the less.
std::uint64_t restrictions_of(std::int32_t tid, StatusText& text) noexcept;

// `restrictions`: those of a thread that may do what the handler does.
Answer ask(std::int32_t tid, int signal, std::uint64_t restrictions,
           StatusText& text) noexcept;

}  // namespace sagemem
