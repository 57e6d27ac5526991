// SPDX-License-Identifier: Apache-2.0
//
// Events as text, one a line: for `sagemem-report dump`, and for fixtures that
// a reviewer can read (tests/support has the parser of the same form).
//
//   0 session info command ls\x00-l
//   0 session module 0 0x400000-0x500000 bias 0x0 id 0a1b exe /bin/ls
//   5 t7 thread w1 worker
//   1000 t7 malloc 64 -> 0x1000 @ 0x401000/0x402000
//   1010 t7 posix_memalign 64 align 32 -> failed @ 0x401000
//   1020 t7 free 0x1000
//   1030 t7 realloc_begin 0x2000
//   1040 t7 realloc_end 128 -> 0x3000 @ 0x401000/0x402000
//   1050 t7 mmap 4096 -> 0x7000 @ 0x401000
//   1060 t7 munmap 0x7000 4096
//
// Scopes: see scope_text.h.
//
// First the stamp, in ticks since the start of the recording.  Texts from the
// trace are escaped as in C; the last field of a line may hold spaces.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "decode/event.h"

namespace sagemem::decode {

struct TextStyle {
  std::uint64_t start_ticks = 0;
  // Names a program counter; hexadecimal where it is empty.
  std::function<std::string(std::uint64_t)> name_frame;
};

// One line, without the newline.
std::string print_event(const Event& event, const TextStyle& style);

// The function's name as a programmer writes it; "unknown" for a value that
// this version does not know.
std::string_view api_name(trace::Api api) noexcept;

// Control characters, backslashes and bytes outside of ASCII as \xNN.
std::string escape(std::string_view text);

}  // namespace sagemem::decode
