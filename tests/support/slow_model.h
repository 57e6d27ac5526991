// SPDX-License-Identifier: Apache-2.0
//
// What a replay must find, computed the obvious way: ordered maps, a copy of
// everything at every new peak.  To compare model/ with on random programs.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "random_program.h"

namespace sagemem::test {

struct SlowUse {
  std::uint64_t allocations = 0;
  std::uint64_t bytes_allocated = 0;
  std::uint64_t temporary = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t peak_blocks = 0;
  std::uint64_t own_peak_bytes = 0;
  std::uint64_t live_bytes = 0;
  std::uint64_t live_blocks = 0;
};

struct SlowModel {
  std::map<Stack, SlowUse> uses;
  std::map<std::uint32_t, std::uint64_t> allocations_by_writer;
  std::map<std::uint32_t, std::uint64_t> releases_by_writer;
  std::uint64_t allocations = 0;
  std::uint64_t releases = 0;
  std::uint64_t bytes_allocated = 0;
  std::uint64_t bytes_released = 0;
  std::uint64_t reallocations = 0;
  std::uint64_t failed = 0;
  std::uint64_t temporary = 0;
  std::uint64_t unknown_releases = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t peak_blocks = 0;
  std::uint64_t peak_ticks = 0;
  std::uint64_t live_bytes = 0;
  std::uint64_t live_blocks = 0;
  std::array<std::uint64_t, 65> sizes{};
};

// Called after each step with the model as it is then.
using AfterStep = std::function<void(const Step&, const SlowModel&)>;

SlowModel run_slowly(const std::vector<Step>& steps,
                     const AfterStep& after_step = {});

}  // namespace sagemem::test
