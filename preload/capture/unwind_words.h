// SPDX-License-Identifier: Apache-2.0
//
// The words of a stack that unwinding reads.  Hazard: word_at() is for words
// that must be there; platform/careful_read.h for all others.
#pragma once

#include <cstdint>

#include "capture/eh_frame.h"
#include "capture/module_table.h"
#include "encode/stack_delta.h"

namespace sagemem {

inline const std::uint64_t* word_at(std::uint64_t address) noexcept {
  return reinterpret_cast<const std::uint64_t*>(address);
}

inline std::uint64_t offset_by(std::uint64_t address,
                               std::int64_t offset) noexcept {
  return address + static_cast<std::uint64_t>(offset);
}

// A word in the shape of a frame: see VerifiedUnwinder::Word.
inline StackFrame word_of(const std::uint64_t* address,
                          std::uint64_t value) noexcept {
  return {reinterpret_cast<std::uint64_t>(address) + 8, value};
}

inline std::uint64_t saved_fp_address(const UnwindRule& rule, std::uint64_t cfa,
                                      std::uint64_t fp) noexcept {
  return offset_by(rule.fp_saved == FpSaved::AtCfa ? cfa : fp,
                   std::int64_t{rule.fp_words} * 8);
}

// From the module around `pc`, which is announced if it is new.
UnwindRule find_rule(ModuleTable& modules, std::uint64_t pc,
                     FrameKind kind) noexcept;

}  // namespace sagemem
