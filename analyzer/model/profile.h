// SPDX-License-Identifier: Apache-2.0
//
// What one replay of a trace knows: the hand-over from model/ to analysis/ and
// report/.  Plain data, built by model/replay, never changed afterwards.
//
// Numbers are what the program asked for, in bytes; allocator overhead is not
// in them.  Times are nanoseconds since the start of the recording.  realloc of
// a live block counts as one release and one allocation of the new size, as
// valgrind counts it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/group_counters.h"
#include "model/order_bound.h"
#include "model/scopes.h"
#include "model/stack_tree.h"
#include "sagemem/trace/format.h"

namespace sagemem::model {

// One mapped ELF file, for as long as it was mapped.
struct Module {
  std::string path;
  std::vector<std::uint8_t> build_id;
  std::uint64_t bias = 0;   // address = bias + ELF virtual address
  std::uint64_t start = 0;  // addresses covered, [start, end)
  std::uint64_t end = 0;
  std::int64_t loaded_ns = 0;
  std::int64_t unloaded_ns = -1;  // -1: still loaded at the end
  bool is_recorder = false;       // libsagemem itself
  bool is_executable = false;
};

struct Thread {
  std::int32_t tid = 0;
  std::string name;
  std::uint64_t allocations = 0;
  std::uint64_t bytes_allocated = 0;
  std::uint64_t releases = 0;
};

// What one call stack did.  Index: the StackId of its innermost frame.
struct StackUse {
  std::uint64_t allocations = 0;
  std::uint64_t bytes_allocated = 0;
  std::uint64_t temporary = 0;   // see Totals::temporary
  std::uint64_t peak_bytes = 0;  // live at the global peak
  std::uint64_t peak_blocks = 0;
  std::uint64_t own_peak_bytes = 0;  // the highest this stack ever held
  std::uint64_t own_peak_blocks = 0;
  std::uint64_t live_bytes = 0;  // at the end: never released
  std::uint64_t live_blocks = 0;
};

struct Totals {
  std::uint64_t allocations = 0;
  std::uint64_t releases = 0;  // of blocks that the trace knows
  std::uint64_t bytes_allocated = 0;
  std::uint64_t bytes_released = 0;
  std::uint64_t reallocations = 0;  // counted in both of the above as well
  std::uint64_t failed = 0;         // calls that returned no memory
  // Blocks released before their thread made another allocation.
  std::uint64_t temporary = 0;
};

// What the recorder counted after it had stopped: in Totals as well, which so
// are the process's, and in nothing else.
struct LateUse {
  std::uint64_t allocations = 0;
  std::uint64_t bytes_allocated = 0;
  std::uint64_t releases = 0;
  std::uint64_t reallocations = 0;
  std::uint64_t failed = 0;
};

struct Peak {
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
  std::int64_t time_ns = 0;
  std::uint64_t resident_bytes = 0;  // nearest sample; 0: none taken
  std::int64_t resident_time_ns = 0;
  // How far threads that left time stamps out leave it open: order_bound.h.
  OrderBounds bounds;
};

// Power-of-two size classes: bucket k counts sizes with bit width k, that is
// 0, 1, 2-3, 4-7, ...
struct SizeBucket {
  std::uint64_t allocations = 0;
  std::uint64_t bytes = 0;
};

// A point of the heap-over-time curve; at most kMaxTimeline, evenly thinned.
struct TimePoint {
  std::int64_t time_ns = 0;
  std::uint64_t max_bytes = 0;  // highest live bytes since the previous point
  std::uint64_t resident_bytes = 0;
};
inline constexpr std::size_t kMaxTimeline = 1024;

// The trace contradicts itself or is incomplete; any of these makes the numbers
// less than exact.
struct Anomalies {
  std::uint64_t unknown_releases = 0;    // of an address that was not live
  std::uint64_t inherited_releases = 0;  // the same in a fork child: blocks of
                                         // the parent; not an error
  std::uint64_t duplicate_blocks = 0;    // born at an address that was live
  std::uint64_t unknown_code = 0;   // stacks through code of no known module:
                                    // generated code, their outer part may miss
  std::uint64_t torn_segments = 0;  // bad checksum, missing or undecodable
  std::uint64_t torn_bytes = 0;     // bytes that could not be decoded
};

// The same for address space taken with mmap and brk (SAGEMEM_MMAP=1); a kind
// of memory of its own, never added to the heap.
struct MappedUse {
  std::uint64_t maps = 0;
  std::uint64_t unmaps = 0;
  std::uint64_t bytes_mapped = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t live_bytes = 0;
};

struct LeakClasses;  // leak_classes.h

struct Profile {
  trace::FileHeader header{};
  std::vector<std::pair<std::string, std::string>> info;  // in file order
  std::vector<Module> modules;         // Frame::module is the index
  std::vector<Thread> threads;         // in order of first appearance
  std::vector<std::int32_t> children;  // pids forked
  StackTree stacks;
  std::vector<StackUse> uses;    // index: StackId; size: stacks.size()
  std::vector<GroupUse> groups;  // of ReplayOptions::groups, or ::grouper
  Totals totals;
  LateUse late;
  Peak peak;
  std::uint64_t leaked_blocks = 0;
  std::uint64_t leaked_bytes = 0;
  // What of it nothing points to any more; nullptr: no scan was asked for.
  std::shared_ptr<const LeakClasses> leaks;
  std::array<SizeBucket, 65> sizes{};
  std::vector<TimePoint> timeline;
  MappedUse mapped;
  ScopeProfile scopes;
  Anomalies anomalies;
  std::int64_t duration_ns = 0;  // start to end, or to the last event seen
  double ticks_per_ns = 1.0;
  std::uint64_t events = 0;  // decoded
  std::uint64_t file_bytes = 0;
  std::uint64_t record_bytes = 0;  // of events, headers not counted
  // The numbers are those of the blocks that a filter chose; what happened
  // after recording had stopped is in none of them.
  bool is_filtered = false;
  // Calls that single writers could not record, from the segment headers.
  std::uint64_t writer_losses = 0;

  // Recording ended before the process: Totals alone go on to the end, but for
  // bytes_released and temporary.
  [[nodiscard]] bool stopped() const noexcept {
    return header.stop_reason !=
           static_cast<std::uint32_t>(trace::StopReason::None);
  }

  // Events that the recorder says happened and are not in the trace.
  [[nodiscard]] std::uint64_t lost_events() const noexcept;
  // Every number follows from a complete record: nothing lost, torn or
  // contradictory, recording lasted as long as the process.
  [[nodiscard]] bool exact() const noexcept;
  // Value of the first info record with that key, or "".
  [[nodiscard]] const std::string& info_value(const char* key) const noexcept;
};

}  // namespace sagemem::model
