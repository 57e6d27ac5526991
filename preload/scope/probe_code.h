// SPDX-License-Identifier: Apache-2.0
//
// The code of a probe, near its function:
//
//   thunk   push $number          the entry of the function leads here
//           jmp  *stub            entry only: call *stub; lea 8(%rsp), %rsp
//   moved   the displaced instructions, and back behind them
//
// A probe is planned first, from the file alone; then its code is written into
// pages that are not executable yet; then, when they are, its function's entry
// is overwritten.
#pragma once

#include <cstddef>
#include <cstdint>

#include "scope/elf_image.h"
#include "scope/probe.h"

namespace sagemem {

// Of each region of code pages: the stubs' addresses, then places of probes.
inline constexpr std::size_t kRegionHeader = 64;
inline constexpr std::size_t kPlaceBytes = 128;

// How the entry leads to the thunk, in the order in which they are tried.
enum class EntryPatch : std::uint8_t {
  Jump,        // five bytes
  ShortJump,   // two, to a jump in a cave
  Breakpoint,  // one
};

struct ProbePlan {
  trace::ProbeReason reason = trace::ProbeReason::None;  // None: it can be done
  const std::uint8_t* code = nullptr;  // what is displaced, in the file
  std::uint64_t from = 0;              // where that is in memory
  std::uint32_t displaced = 0;
  int protection = 0;
  EntryPatch patch = EntryPatch::Jump;
  std::uint8_t jump_bytes = 0;
  std::uint8_t jump[5] = {};  // what is to be written at `from`
  std::uint64_t cave = 0;     // before that, five bytes here, if not 0
  std::uint8_t cave_jump[5] = {};
  std::uint64_t thunk = 0;
};

// What a plan may not use: what others write to.
struct PlanRoom {
  const ProbePlan* plans;
  std::uint32_t count;
  [[nodiscard]] bool is_taken(std::uint64_t start,
                              std::uint64_t end) const noexcept;
};

struct PlanInput {
  const ElfImage& image;
  std::uint64_t bias;
  std::uint64_t header;  // of .eh_frame_hdr, in memory
  bool needs_exit;       // the ends of calls as well
  EntryPatch patch;
  PlanRoom room;
};

// Finds out whether and how the calls of `probe` can be seen.  Sets stack_words
// and is_guess.
ProbePlan plan_probe(const PlanInput& input, Probe& probe) noexcept;

void write_region_header(std::uint8_t* region) noexcept;
// Writes the code of probe `number` to place `place` of the region; sets
// probe.moved and plan.jump.  False: something is out of reach.
bool write_probe_code(std::uint8_t* region, std::uint32_t place,
                      std::uint32_t number, Probe& probe,
                      ProbePlan& plan) noexcept;

}  // namespace sagemem
