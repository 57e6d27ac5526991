// SPDX-License-Identifier: Apache-2.0
#include "capture/libunwind_stack.h"

#include <libunwind.h>

#include "platform/errno_keeper.h"

namespace sagemem {

namespace {

// Frames of ours between this function and the hook's caller, with room for
// what the compiler does not inline.
constexpr int kMaxOwnFrames = 8;

// General registers and the stack pointer, by DWARF numbers.
#if defined(__x86_64__)
constexpr int kRegisters = 16;
#else
constexpr int kRegisters = 32;
#endif

// The cursor as if it had begun at its frame, which a signal has interrupted.
//
// LLVM's libunwind 14 looks up every frame by the byte before its pc, and takes
// it that a row begins behind its first byte.  One that was interrupted is at
// its pc itself: before the first instruction of a function, or behind one that
// changes the stack, the byte before is of another row, or of none, and of that
// a cursor does not recover.  So it is told the next byte, unless that is of
// another function.
void begin_at(unw_cursor_t& cursor, unw_context_t& context,
              unw_word_t pc) noexcept {
  unw_cursor_t fresh;
  unw_init_local(&fresh, &context);
  for (int number = 0; number < kRegisters; ++number) {
    unw_word_t value = 0;
    unw_get_reg(&cursor, number, &value);
    unw_set_reg(&fresh, number, value);
  }
  unw_set_reg(&fresh, UNW_REG_IP, pc);
  unw_proc_info_t function{};
  if (unw_get_proc_info(&fresh, &function) == UNW_ESUCCESS &&
      pc + 1 < function.end_ip) {
    unw_set_reg(&fresh, UNW_REG_IP, pc + 1);
  }
  cursor = fresh;
}

// The next outer frame.  False: there is none, or it can not be found.
bool step_out(unw_cursor_t& cursor, unw_context_t& context,
              unw_word_t& pc) noexcept {
  const unw_word_t before = pc;
  const bool stepped = unw_step(&cursor) > 0;
  unw_get_reg(&cursor, UNW_REG_IP, &pc);
  if (unw_is_signal_frame(&cursor) > 0 && (stepped || pc != before)) {
    begin_at(cursor, context, pc);
    return pc != 0;
  }
  return stepped && pc != 0;
}

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
  while (step_out(cursor, context, pc)) {
    if (depth == capacity) return WalkResult::Truncated;
    frames[depth++] = pc;
  }
  return WalkResult::Complete;
}

}  // namespace sagemem
