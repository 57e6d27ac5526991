// SPDX-License-Identifier: Apache-2.0
#include "capture/libunwind_stack.h"

#include <libunwind.h>

#include "platform/errno_keeper.h"

namespace sagemem {

namespace {

// Frames of ours between this function and the hook's caller, with room for
// what the compiler does not inline.
constexpr int kMaxOwnFrames = 8;

}  // namespace

WalkResult walk_with_libunwind(std::uint64_t caller, std::uint64_t* frames,
                               std::uint32_t capacity,
                               std::uint32_t& depth) noexcept {
  ErrnoKeeper keeper;
  unw_context_t context;
  unw_cursor_t cursor;
  unw_getcontext(&context);
  unw_init_local(&cursor, &context);
  frames[0] = caller;
  depth = 1;
  unw_word_t pc = 0;
  for (int own = 0; pc != caller; ++own) {
    if (own == kMaxOwnFrames || unw_step(&cursor) <= 0) {
      return WalkResult::Failed;
    }
    unw_get_reg(&cursor, UNW_REG_IP, &pc);
  }
  while (unw_step(&cursor) > 0) {
    unw_get_reg(&cursor, UNW_REG_IP, &pc);
    if (pc == 0) break;
    if (depth == capacity) return WalkResult::Truncated;
    frames[depth++] = pc;
  }
  return WalkResult::Complete;
}

}  // namespace sagemem
