// SPDX-License-Identifier: Apache-2.0
//
// The one voice that the recorder has: a line on the target's stderr, written
// with one system call so that it can not be torn apart by the target's own.
// Only for facts that the user must know (a bad option, recording stopped).
#pragma once

#include "platform/system_call.h"
#include "platform/text_buffer.h"

namespace sagemem {

using LogLine = TextBuffer<512>;

// `line` without prefix and newline.  Silent when `quiet`.
inline void raw_log(bool quiet, const LogLine& line) noexcept {
  if (quiet) return;
  TextBuffer<560> out;
  out.add("sagemem: ").add(line.c_str(), line.size()).add('\n');
  system_call(SYS_write, 2, out.c_str(), out.size());
}

}  // namespace sagemem
