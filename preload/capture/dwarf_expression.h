// SPDX-License-Identifier: Apache-2.0
//
// DWARF expressions (DWARF 5, 2.5) as far as they come down to what a rule can
// say: a constant, a register plus a constant, or the word there.  The program
// counter is a constant, because a rule is for one.  So the linker's expression
// for a procedure linkage table, whose entries push a word half-way,
//
//   breg7 8, breg16 0, lit15, and, lit11, ge, lit3, shl, plus
//
// is sp + 8 at the entry's first bytes and sp + 16 behind them.
#pragma once

#include <cstdint>

#include "capture/dwarf_cursor.h"

namespace sagemem {

// DWARF register numbers: System V ABI AMD64 supplement, figure 3.36.
inline constexpr unsigned kFp = 6;
inline constexpr unsigned kSp = 7;
inline constexpr unsigned kReturn = 16;

struct ExpressionValue {
  static constexpr unsigned kNoBase = ~0u;

  unsigned base = kNoBase;  // register, or a constant alone
  std::int64_t offset = 0;
  bool is_word = false;   // the word at base + offset
  bool is_known = false;  // false: anything else

  [[nodiscard]] bool is_constant() const noexcept {
    return is_known && base == kNoBase && !is_word;
  }
};

// Steps over an expression, and tells its value in a frame at `pc`.
ExpressionValue take_expression(Cursor& cursor, std::uint64_t pc) noexcept;

}  // namespace sagemem
