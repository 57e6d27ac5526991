// SPDX-License-Identifier: Apache-2.0
#include "scope/probe_code.h"

#include <cstring>

#include "scope/code_pages.h"
#include "scope/function_scan.h"
#include "scope/probe_frame.h"
#include "scope/relocator.h"

namespace sagemem {

namespace {

using trace::ProbeMethod;
using trace::ProbeReason;

constexpr std::uint8_t kEndBranch[] = {0xf3, 0x0f, 0x1e, 0xfa};
constexpr std::size_t kThunkBytes = 16;
static_assert(kThunkBytes + kMaxMoved <= kPlaceBytes);

constexpr std::uint64_t kAlignment = 16;

enum StubSlot : std::uint32_t { kStubCall, kStubCallWords, kStubEntry };

// What is in memory is what the file says, so that the code that is planned
// for is the code that runs.
bool is_as_in_file(std::uint64_t address, const std::uint8_t* code,
                   std::size_t bytes) noexcept {
  return std::memcmp(reinterpret_cast<const void*>(address), code, bytes) == 0;
}

ProbeReason judge(const FunctionFacts& facts, bool needs_exit) noexcept {
  if (!facts.is_whole) return ProbeReason::NotRelocatable;
  if (facts.is_entered_again) return ProbeReason::JumpedInto;
  if (needs_exit && facts.has_odd_stack) return ProbeReason::StackArguments;
  return ProbeReason::None;
}

}  // namespace

ProbePlan plan_probe(const ElfImage& image, std::uint64_t bias,
                     std::uint64_t header, std::uint64_t next, bool needs_exit,
                     Probe& probe) noexcept {
  ProbePlan plan;
  const std::uint64_t start = probe.address - bias;
  const std::size_t left = image.code_left(start);
  const std::size_t size = probe.size;
  std::size_t room = next > start ? next - start : size;
  if (room > left) room = left;
  // Functions are aligned: what fills the space up to the next one is padding.
  const std::uint64_t end = probe.address + size;
  const std::size_t padding = (kAlignment - end % kAlignment) % kAlignment;
  if (room > size + padding) room = size + padding;
  const std::uint8_t* code = image.code(start, room);
  if (size == 0 || size > room || code == nullptr) {
    plan.reason = ProbeReason::TooShort;
    return plan;
  }
  const bool has_end_branch =
      size >= sizeof kEndBranch &&
      std::memcmp(code, kEndBranch, sizeof kEndBranch) == 0;
  const std::size_t entry = has_end_branch ? sizeof kEndBranch : 0;
  const Displaced displaced =
      measure_entry(code + entry, size - entry, room - entry, kJumpBytes);
  plan.reason = displaced.reason;
  if (displaced.bytes == 0) return plan;
  const FunctionFacts facts =
      scan_function({image, start, code, size, probe.address, header, entry,
                     displaced.bytes});
  plan.reason = judge(facts, needs_exit);
  plan.code = code + entry;
  plan.from = probe.address + entry;
  plan.displaced = displaced.bytes;
  plan.protection = image.protection(start);
  probe.stack_words = facts.stack_words;
  probe.is_guess = facts.is_guess;
  if (plan.reason == ProbeReason::None &&
      !is_as_in_file(probe.address, code, entry + displaced.bytes)) {
    plan.reason = ProbeReason::NotRelocatable;
  }
  return plan;
}

void write_region_header(std::uint8_t* region) noexcept {
#if defined(__x86_64__)
  const std::uint64_t stubs[] = {
      reinterpret_cast<std::uint64_t>(&sagemem_stub_call),
      reinterpret_cast<std::uint64_t>(&sagemem_stub_call_words),
      reinterpret_cast<std::uint64_t>(&sagemem_stub_entry)};
  std::memcpy(region, stubs, sizeof stubs);
#else
  (void)region;
#endif
}

bool write_probe_code(std::uint8_t* region, std::uint32_t place,
                      std::uint32_t number, Probe& probe,
                      ProbePlan& plan) noexcept {
  std::uint8_t* const thunk = region + kRegionHeader + place * kPlaceBytes;
  const bool is_entry = probe.method == ProbeMethod::EntryOnly;
  const StubSlot slot = is_entry                 ? kStubEntry
                        : probe.stack_words != 0 ? kStubCallWords
                                                 : kStubCall;
  std::uint8_t* out = thunk;
  *out++ = 0x68;  // push $number
  std::memcpy(out, &number, sizeof number);
  out += sizeof number;
  *out++ = 0xff;  // call or jmp *slot(%rip)
  *out++ = is_entry ? 0x15 : 0x25;
  const auto distance =
      static_cast<std::int32_t>(region + slot * 8 - (out + 4));
  std::memcpy(out, &distance, sizeof distance);
  out += sizeof distance;
  if (is_entry) {
    static constexpr std::uint8_t kDrop[] = {0x48, 0x8d, 0x64, 0x24, 0x08};
    std::memcpy(out, kDrop, sizeof kDrop);
    out += sizeof kDrop;
  } else {
    std::memset(out, 0xcc, static_cast<std::size_t>(thunk + kThunkBytes - out));
  }
  std::uint8_t* const moved = thunk + kThunkBytes;
  probe.moved = reinterpret_cast<std::uint64_t>(moved);
  if (move_code(plan.code, plan.displaced, plan.from, probe.moved, moved) ==
      0) {
    plan.reason = ProbeReason::NotRelocatable;
    return false;
  }
  if (!make_jump(plan.from, reinterpret_cast<std::uint64_t>(thunk),
                 plan.jump)) {
    plan.reason = ProbeReason::NoNearMemory;
    return false;
  }
  return true;
}

}  // namespace sagemem
