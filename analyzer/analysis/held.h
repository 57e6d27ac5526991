// SPDX-License-Identifier: Apache-2.0
//
// What some set of blocks adds up to as they come and go: now, at its own
// highest, and at the highest point of the whole heap, which is numbered (see
// model/heap_model.h for how that works).
#pragma once

#include <algorithm>
#include <cstdint>

namespace sagemem::analysis {

struct Held {
  std::uint64_t allocations = 0;
  std::uint64_t bytes_allocated = 0;
  std::uint64_t live_bytes = 0;  // now; in the end: never released
  std::uint64_t live_blocks = 0;
  std::uint64_t most_bytes = 0;
  std::uint64_t most_blocks = 0;
  std::uint64_t peak_bytes = 0;  // at the peak of all; valid once synced
  std::uint64_t peak_blocks = 0;
  std::uint64_t synced = 0;

  // Before each change, and at the end.
  void sync(std::uint64_t peak_number) {
    if (synced == peak_number) return;
    synced = peak_number;
    peak_bytes = live_bytes;
    peak_blocks = live_blocks;
  }
  void add(std::uint64_t size, std::uint64_t peak_number) {
    sync(peak_number);
    ++allocations;
    bytes_allocated += size;
    live_bytes += size;
    ++live_blocks;
    most_bytes = std::max(most_bytes, live_bytes);
    most_blocks = std::max(most_blocks, live_blocks);
  }
  void subtract(std::uint64_t size, std::uint64_t peak_number) {
    sync(peak_number);
    live_bytes -= size;
    --live_blocks;
  }
};

}  // namespace sagemem::analysis
