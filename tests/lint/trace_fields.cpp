// SPDX-License-Identifier: Apache-2.0
//
// Prints where the fields of the trace's fixed structures are, for
// check_trace_manual.py: "struct field offset bytes", in order.
#include <cstddef>
#include <cstdio>

#include "sagemem/trace/format.h"
#include "sagemem/trace/symbols.h"

namespace {

using sagemem::trace::FileHeader;
using sagemem::trace::PackHeader;
using sagemem::trace::SegmentHeader;
using sagemem::trace::SymbolsHeader;

struct Field {
  const char* structure;
  const char* name;
  std::size_t offset;
  std::size_t bytes;
};

// offsetof and the name as text need the preprocessor.
#define SAGEMEM_FIELD(structure, name)                                    \
  Field {                                                                 \
#structure, #name, offsetof(structure, name), sizeof(structure::name) \
  }

constexpr Field kFields[] = {
    SAGEMEM_FIELD(FileHeader, magic),
    SAGEMEM_FIELD(FileHeader, version_major),
    SAGEMEM_FIELD(FileHeader, version_minor),
    SAGEMEM_FIELD(FileHeader, header_bytes),
    SAGEMEM_FIELD(FileHeader, unit_bytes),
    SAGEMEM_FIELD(FileHeader, page_bytes),
    SAGEMEM_FIELD(FileHeader, clock_kind),
    SAGEMEM_FIELD(FileHeader, flags),
    SAGEMEM_FIELD(FileHeader, pid),
    SAGEMEM_FIELD(FileHeader, parent_pid),
    SAGEMEM_FIELD(FileHeader, rank),
    SAGEMEM_FIELD(FileHeader, start_counter),
    SAGEMEM_FIELD(FileHeader, start_realtime_ns),
    SAGEMEM_FIELD(FileHeader, start_monotonic_ns),
    SAGEMEM_FIELD(FileHeader, start_ticks),
    SAGEMEM_FIELD(FileHeader, end_realtime_ns),
    SAGEMEM_FIELD(FileHeader, end_monotonic_ns),
    SAGEMEM_FIELD(FileHeader, end_ticks),
    SAGEMEM_FIELD(FileHeader, end_kind),
    SAGEMEM_FIELD(FileHeader, end_status),
    SAGEMEM_FIELD(FileHeader, stop_reason),
    SAGEMEM_FIELD(FileHeader, stop_errno),
    SAGEMEM_FIELD(FileHeader, stop_ticks),
    SAGEMEM_FIELD(FileHeader, next_unit),
    SAGEMEM_FIELD(FileHeader, peak_resident_bytes),
    SAGEMEM_FIELD(FileHeader, writers),
    SAGEMEM_FIELD(FileHeader, reserved),
    SAGEMEM_FIELD(FileHeader, losses),
    SAGEMEM_FIELD(FileHeader, notices),
    SAGEMEM_FIELD(FileHeader, packed_bytes),
    SAGEMEM_FIELD(FileHeader, packed_missing),
    SAGEMEM_FIELD(FileHeader, spare),
    SAGEMEM_FIELD(FileHeader, late),
    SAGEMEM_FIELD(FileHeader, padding),
    SAGEMEM_FIELD(SegmentHeader, magic),
    SAGEMEM_FIELD(SegmentHeader, writer),
    SAGEMEM_FIELD(SegmentHeader, sequence),
    SAGEMEM_FIELD(SegmentHeader, start_ticks),
    SAGEMEM_FIELD(SegmentHeader, start_monotonic_ns),
    SAGEMEM_FIELD(SegmentHeader, bytes),
    SAGEMEM_FIELD(SegmentHeader, committed),
    SAGEMEM_FIELD(SegmentHeader, checksum),
    SAGEMEM_FIELD(SegmentHeader, sealed),
    SAGEMEM_FIELD(SegmentHeader, stored),
    SAGEMEM_FIELD(SegmentHeader, lost_allocs),
    SAGEMEM_FIELD(SegmentHeader, lost_releases),
    SAGEMEM_FIELD(PackHeader, magic),
    SAGEMEM_FIELD(PackHeader, segments),
    SAGEMEM_FIELD(PackHeader, head_checksum),
    SAGEMEM_FIELD(PackHeader, bytes),
    SAGEMEM_FIELD(PackHeader, content_bytes),
    SAGEMEM_FIELD(PackHeader, checksum),
    SAGEMEM_FIELD(SymbolsHeader, magic),
    SAGEMEM_FIELD(SymbolsHeader, content_bytes),
    SAGEMEM_FIELD(SymbolsHeader, frame_bytes),
    SAGEMEM_FIELD(SymbolsHeader, checksum),
};

// A field that is missing above leaves a gap.
constexpr bool is_complete() {
  std::size_t end = 0;
  for (const Field& field : kFields) {
    if (field.offset == 0 && end != sizeof(FileHeader) &&
        end != sizeof(SegmentHeader) && end != sizeof(PackHeader) && end != 0) {
      return false;
    }
    if (field.offset == 0) end = 0;
    if (field.offset != end) return false;
    end += field.bytes;
  }
  return end == sizeof(SymbolsHeader);
}
static_assert(is_complete());

}  // namespace

int main() {
  for (const Field& field : kFields) {
    std::printf("%s %s %zu %zu\n", field.structure, field.name, field.offset,
                field.bytes);
  }
}
