// SPDX-License-Identifier: Apache-2.0
#include "scope/function_scan.h"

#include <algorithm>
#include <cstring>

#include "capture/eh_frame.h"
#include "scope/instruction.h"

namespace sagemem {

namespace {

constexpr std::uint8_t kSp = 4;
constexpr std::uint8_t kFp = 5;
constexpr std::uint8_t kNone = 0xff;
constexpr std::int64_t kWord = 8;
// The greatest factor of an AVX-512 displacement of 8 bits (Intel SDM vol. 2A,
// 2.7.5).
constexpr std::int64_t kMaxFactor = 64;
constexpr std::uint64_t kMaxTable = 4096;

class Scan {
 public:
  explicit Scan(const ScanInput& input) noexcept : in_(input) {}

  FunctionFacts run() noexcept {
    Instruction it;
    std::size_t at = 0;
    for (; at < in_.bytes; at += it.length) {
      if (!decode(in_.code + at, in_.bytes - at, it)) return facts_;
      look_at_branch(at, it);
      look_at_table(at, it);
      if (it.has_memory && (it.base == kSp || it.base == kFp)) {
        look_at_stack(at, it);
      }
      // To another function, or through a table.
      if (it.flow == Flow::JumpIndirect) guess();
    }
    facts_.is_whole = true;
    return facts_;
  }

 private:
  void guess() noexcept {
    facts_.is_guess = true;
    facts_.stack_words = std::max(facts_.stack_words, kGuessedStackWords);
  }

  void look_at_branch(std::size_t at, const Instruction& it) noexcept {
    if (!it.is_branch()) return;
    const std::uint64_t target =
        at + it.length +
        static_cast<std::uint64_t>(static_cast<std::int64_t>(it.branch));
    const bool is_inside = target < in_.bytes;
    if (it.flow == Flow::Call) return;  // of itself: a call like any other
    if (!is_inside) return guess();
    // What is displaced is moved with its own branches; those to its start
    // would be seen as calls.
    look_at_target(target);
  }

  void look_at_target(std::uint64_t target) noexcept {
    if (target < in_.entry + in_.displaced) facts_.is_entered_again = true;
  }

  void look_at_table(std::size_t at, const Instruction& it) noexcept {
    if (it.is_rip && it.is_lea()) {
      const std::uint64_t table =
          in_.start + at + it.length +
          static_cast<std::uint64_t>(std::int64_t{it.displacement});
      read_table<std::int32_t>(table, table);
    } else if (it.has_memory && it.base == kNone && it.index != kNone) {
      // Without relocation: jmp *table(,%rax,8)
      read_table<std::uint64_t>(
          static_cast<std::uint64_t>(std::int64_t{it.displacement}), 0);
    }
  }

  // Entries count from `origin`.
  template <typename Entry>
  void read_table(std::uint64_t table, std::uint64_t origin) noexcept {
    for (std::uint64_t i = 0; i < kMaxTable; ++i) {
      const std::uint8_t* at =
          in_.image.code(table + i * sizeof(Entry), sizeof(Entry));
      if (at == nullptr) return;
      Entry entry;
      std::memcpy(&entry, at, sizeof entry);
      const std::uint64_t place =
          origin + static_cast<std::uint64_t>(std::int64_t(entry)) - in_.start;
      if (place >= in_.bytes) return;
      look_at_target(place);
    }
  }

  void look_at_stack(std::size_t at, const Instruction& it) noexcept {
    // A displacement that can not reach the caller's frame in any frame.
    if (it.displacement < 0 || (it.displacement < kWord && !it.is_evex)) return;
    const UnwindRule rule =
        read_unwind_rule(in_.header, in_.address + at, FrameKind::Interrupted);
    if (rule.kind == RuleKind::Foreign || rule.cfa_base == CfaBase::WordAtFp) {
      return guess();  // a frame that was aligned anew
    }
    if (!rule.is_step()) {
      facts_.has_odd_stack = true;
      return;
    }
    const bool is_sp = rule.cfa_base == CfaBase::Sp;
    if (is_sp != (it.base == kSp)) return;
    look_at_offset(at, it, rule.cfa_offset);
  }

  // The CFA is where the caller's words begin.
  void look_at_offset(std::size_t at, const Instruction& it,
                      std::int64_t cfa) noexcept {
    std::int64_t from = it.displacement - cfa;
    if (it.is_evex && it.displacement_bytes == 1) {
      if (it.displacement * kMaxFactor + kMaxFactor <= cfa) return;
      return guess();
    }
    // The return address itself: __builtin_return_address, or aligning anew.
    if (from < -kWord || (from < 0 && !it.is_lea())) return;
    if (it.is_lea()) {
      if (from == 0 && aligns_next(at + it.length)) return guess();
      facts_.has_odd_stack = from >= 0 || facts_.has_odd_stack;
      return;
    }
    if (it.index != kNone) {
      facts_.has_odd_stack = true;
      return;
    }
    const std::int64_t words = (from + it.access + kWord - 1) / kWord;
    if (words > kMaxStackWords) {
      facts_.has_odd_stack = true;
      return;
    }
    facts_.stack_words =
        std::max(facts_.stack_words, static_cast<std::uint32_t>(words));
  }

  // and $-N, %rsp: gcc keeps the caller's words in another register first.
  [[nodiscard]] bool aligns_next(std::size_t at) const noexcept {
    return at + 3 <= in_.bytes && in_.code[at] == 0x48 &&
           (in_.code[at + 1] == 0x83 || in_.code[at + 1] == 0x81) &&
           in_.code[at + 2] == 0xe4;
  }

  const ScanInput& in_;
  FunctionFacts facts_;
};

}  // namespace

FunctionFacts scan_function(const ScanInput& input) noexcept {
  return Scan(input).run();
}

}  // namespace sagemem
