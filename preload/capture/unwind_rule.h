// SPDX-License-Identifier: Apache-2.0
//
// How to get from a frame to its caller, boiled down from DWARF call frame
// information to what ordinary x86-64 code needs (DWARF 5, section 6.4):
//
//   CFA            sp + offset | fp + offset | word at fp + offset
//   return address the word below the CFA
//   caller's fp    unchanged | word at CFA + offset | word at fp + offset
//   caller's sp    the CFA
//
// The third form of the CFA is gcc's for functions that realign their stack.
// A signal frame is walked through the context that the kernel has put there.
// Anything else (other registers, other expressions) is not a rule: libunwind
// walks such stacks.
//
// A rule depends on the program counter only, and so may be remembered for as
// long as the code at that address stays the same.
#pragma once

#include <cstdint>

namespace sagemem {

enum class RuleKind : std::uint8_t {
  Plain,    // CFA = sp + offset, a positive multiple of 8; fp unchanged or at
            // CFA: nearly all code built with optimisation
  Step,     // the fields below say how
  Last,     // the outermost frame: the return address is undefined
  Signal,   // the return trampoline of a signal handler
  Foreign,  // there is unwind information, but it is no rule
  Unknown,  // no unwind information at this address
};

enum class CfaBase : std::uint8_t { Sp, Fp, WordAtFp };
enum class FpSaved : std::uint8_t { Not, AtCfa, AtFp };

struct UnwindRule {
  std::int32_t cfa_offset = 0;
  std::int16_t fp_words = 0;  // where the fp is saved, in words of 8 bytes
  RuleKind kind = RuleKind::Unknown;
  CfaBase cfa_base : 2 = CfaBase::Sp;
  FpSaved fp_saved : 2 = FpSaved::Not;

  [[nodiscard]] bool is_plain() const noexcept {
    return kind == RuleKind::Plain;
  }
  [[nodiscard]] bool is_step() const noexcept {
    return kind == RuleKind::Plain || kind == RuleKind::Step;
  }
  // Taking this step needs the frame pointer's value.
  [[nodiscard]] bool reads_fp() const noexcept {
    return cfa_base != CfaBase::Sp || fp_saved == FpSaved::AtFp;
  }
};
static_assert(sizeof(UnwindRule) == 8);  // with its pc: four to a cache line

}  // namespace sagemem
