// SPDX-License-Identifier: Apache-2.0
#include "scope/probe_code.h"

#include <cstring>

#include "scope/breakpoints.h"
#include "scope/code_pages.h"
#include "scope/function_scan.h"
#include "scope/module_scan.h"
#include "scope/probe_frame.h"
#include "scope/relocator.h"

namespace sagemem {

namespace {

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

std::uint8_t patch_bytes(EntryPatch patch) noexcept {
  switch (patch) {
    case EntryPatch::Jump:
      return kJumpBytes;
    case EntryPatch::ShortJump:
      return kShortJumpBytes;
    default:
      return 1;
  }
}

ProbeReason judge(const FunctionFacts& facts, bool needs_exit) noexcept {
  if (!facts.is_whole) return ProbeReason::NotRelocatable;
  if (facts.is_entered_again) return ProbeReason::JumpedInto;
  if (needs_exit && facts.has_odd_stack) return ProbeReason::StackArguments;
  return ProbeReason::None;
}

}  // namespace

bool PlanRoom::is_taken(std::uint64_t start, std::uint64_t end) const noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    const ProbePlan& plan = plans[i];
    if (plan.reason != ProbeReason::None) continue;
    if (start < plan.from + plan.displaced && plan.from < end) return true;
    if (plan.cave != 0 && start < plan.cave + kJumpBytes && plan.cave < end) {
      return true;
    }
  }
  return false;
}

namespace {

struct FunctionCode {
  std::uint64_t start;  // in the image
  std::size_t size;
  std::size_t room;  // with the padding behind it
  const std::uint8_t* bytes;
  std::size_t entry;  // behind endbr64
};

bool find_code(const ElfImage& image, std::uint64_t bias, const Probe& probe,
               FunctionCode& out) noexcept {
  out.start = probe.address - bias;
  out.size = probe.size;
  const std::size_t left = image.code_left(out.start);
  out.room = probe.next > out.start ? probe.next - out.start : out.size;
  if (out.room > left) out.room = left;
  // Functions are aligned: what fills the space up to the next one is padding.
  const std::uint64_t end = probe.address + out.size;
  const std::size_t padding = (kAlignment - end % kAlignment) % kAlignment;
  if (out.room > out.size + padding) out.room = out.size + padding;
  out.bytes = image.code(out.start, out.room);
  if (out.size == 0 || out.size > out.room || out.bytes == nullptr) {
    return false;
  }
  const bool has_end_branch =
      out.size >= sizeof kEndBranch &&
      std::memcmp(out.bytes, kEndBranch, sizeof kEndBranch) == 0;
  out.entry = has_end_branch ? sizeof kEndBranch : 0;
  return true;
}

// Five bytes that are nobody's in [start, end) of the image, all of which is
// padding as far as its first `padding` bytes, where a short jump behind
// `origin` reaches.
std::uint64_t find_cave(const PlanInput& in, std::uint64_t start,
                        std::size_t padding, std::uint64_t origin) noexcept {
  constexpr std::int64_t kReach = 127;
  for (std::size_t at = 0; at + kJumpBytes <= padding; ++at) {
    const std::uint64_t place = in.bias + start + at;
    const auto distance = static_cast<std::int64_t>(place - origin);
    if (distance < -kReach - 1) continue;
    if (distance > kReach) return 0;
    const std::uint8_t* file = in.image.code(start + at, kJumpBytes);
    if (file != nullptr && is_as_in_file(place, file, kJumpBytes) &&
        !in.room.is_taken(place, place + kJumpBytes)) {
      return place;
    }
  }
  return 0;
}

std::size_t padding_between(const ElfImage& image, std::uint64_t start,
                            std::uint64_t end) noexcept {
  if (start >= end) return 0;
  const std::uint8_t* code = image.code(start, end - start);
  return code == nullptr ? 0 : count_padding(code, end - start);
}

// Behind the function or before it.  The plan's own bytes are not free.
bool take_cave(const PlanInput& in, const Probe& probe,
               const FunctionCode& code, ProbePlan& plan) noexcept {
  const std::uint64_t origin = plan.from + kShortJumpBytes;
  std::uint64_t behind = code.start + code.size;
  const std::uint64_t displaced_end = plan.from + plan.displaced - in.bias;
  if (behind < displaced_end) behind = displaced_end;
  std::uint64_t next = probe.next;
  if (next == 0) next = behind + in.image.code_left(behind);
  std::size_t padding = padding_between(in.image, behind, next);
  plan.cave = find_cave(in, behind, padding, origin);
  if (plan.cave == 0 && probe.previous_end != 0 &&
      probe.previous_end < code.start) {
    padding = padding_between(in.image, probe.previous_end, code.start);
    if (probe.previous_end + padding == code.start) {
      plan.cave = find_cave(in, probe.previous_end, padding, origin);
    }
  }
  return plan.cave != 0;
}

}  // namespace

ProbePlan plan_probe(const PlanInput& in, Probe& probe) noexcept {
  ProbePlan plan;
  plan.reason = ProbeReason::TooShort;
  FunctionCode code{};
  if (!find_code(in.image, in.bias, probe, code)) return plan;
  const std::size_t entry = code.entry;
  plan.patch = in.patch;
  plan.jump_bytes = patch_bytes(in.patch);
  const Displaced displaced =
      measure_entry(code.bytes + entry, code.size - entry, code.room - entry,
                    plan.jump_bytes);
  plan.reason = displaced.reason;
  if (displaced.bytes == 0) return plan;
  const FunctionFacts facts =
      scan_function({in.image, code.start, code.bytes, code.size, probe.address,
                     in.header, entry, displaced.bytes});
  plan.reason = judge(facts, in.needs_exit);
  plan.code = code.bytes + entry;
  plan.from = probe.address + entry;
  plan.displaced = displaced.bytes;
  plan.protection = in.image.protection(code.start);
  probe.stack_words = facts.stack_words;
  probe.is_guess = facts.is_guess;
  if (plan.reason != ProbeReason::None) return plan;
  if (!is_as_in_file(probe.address, code.bytes, entry + displaced.bytes)) {
    plan.reason = ProbeReason::NotRelocatable;
  } else if (in.room.is_taken(plan.from, plan.from + plan.displaced) ||
             (in.patch == EntryPatch::ShortJump &&
              !take_cave(in, probe, code, plan))) {
    plan.reason = ProbeReason::TooShort;
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
  const bool is_entry = !probe.sees_exit;
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
  const auto target = reinterpret_cast<std::uint64_t>(thunk);
  plan.thunk = target;
  if (plan.patch == EntryPatch::Breakpoint) {
    plan.jump[0] = Breakpoints::kCode;
    return true;
  }
  const bool is_near = plan.cave == 0
                           ? make_jump(plan.from, target, plan.jump)
                           : make_short_jump(plan.from, plan.cave, plan.jump) &&
                                 make_jump(plan.cave, target, plan.cave_jump);
  if (!is_near) plan.reason = ProbeReason::NoNearMemory;
  return is_near;
}

}  // namespace sagemem
