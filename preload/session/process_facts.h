// SPDX-License-Identifier: Apache-2.0
//
// Who is being profiled: the facts in the file header and the Info records,
// and the small readings of /proc that go with them.
#pragma once

#include <cstdint>

#include "platform/clock.h"
#include "platform/text_buffer.h"
#include "sagemem/trace/format.h"
#include "session/session_log.h"

namespace sagemem {

struct ProcessFacts {
  TextBuffer<256> program;  // file name of the executable
  TextBuffer<256> host;
  TextBuffer<256> kernel;
  std::int32_t pid = 0;
  std::int32_t parent_pid = 0;
  std::int32_t rank = -1;
};

void read_process_facts(const char* const* environment,
                        ProcessFacts& out) noexcept;

// Everything in the header that is known at the start; `flags` included.
void fill_header(const ProcessFacts& facts, const Clock& clock,
                 std::uint32_t start_counter, std::uint32_t flags,
                 trace::FileHeader& header) noexcept;

// Command line, directory, host, environment that matters to an allocator.
void write_process_info(const ProcessFacts& facts,
                        const char* const* environment,
                        SessionLog& log) noexcept;

struct Resident {
  std::uint64_t bytes;
  std::uint64_t shared_bytes;  // of which file-backed or shared
};
Resident read_resident() noexcept;

// The process's high-water mark so far, bytes.
std::uint64_t read_peak_resident() noexcept;

}  // namespace sagemem
