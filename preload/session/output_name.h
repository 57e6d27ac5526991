// SPDX-License-Identifier: Apache-2.0
//
// The name of the trace file, from the SAGEMEM_OUTPUT pattern:
//
//   %e  program (file name of the executable)   %h  host
//   %p  process id                              %r  MPI or Slurm rank, or 0
//   %n  start counter                           %%  a percent sign
//
// The start counter tells apart the traces that would get the same name: a
// program that execs another keeps its pid, a pid comes round again.  It is
// found by trying, since nothing is ever overwritten: 0, 1, 2 ...  A pattern
// without %n gets it before the extension from the second try on:
//
//   sagemem.%e.%p.smt   ->   sagemem.sage.4711.smt, sagemem.sage.4711.1.smt
#pragma once

#include <cstdint>

#include "platform/text_buffer.h"

namespace sagemem {

struct NameParts {
  const char* program;
  const char* host;
  std::int32_t pid;
  std::int32_t rank;  // -1: none
};

// Appends to `out`, which then holds the path.  False: it does not fit.
bool expand_output_name(const char* pattern, const NameParts& parts,
                        std::uint32_t counter, PathText& out) noexcept;

}  // namespace sagemem
