// SPDX-License-Identifier: Apache-2.0
#include "scan/outer_frame.h"

#include <libunwind.h>

#include <cstdlib>

#include "capture/loaded_object.h"
#include "platform/errno_keeper.h"

namespace sagemem {

namespace {

constexpr int kMaxFrames = 64;

#if defined(__x86_64__)
// rbx, rbp, r12 to r15: what a function leaves as it was.
constexpr int kKept[] = {3, 6, 12, 13, 14, 15};  // DWARF numbers
#else
constexpr int kKept[] = {19, 20, 21, 22, 23, 24, 25, 26};
#endif
static_assert(sizeof kKept / sizeof *kKept <= OuterFrame::kRegisters);

bool is_within(const LoadedRange& range, std::uint64_t pc) noexcept {
  return pc - range.start < range.end - range.start;
}

}  // namespace

OuterFrame find_outer_frame() noexcept {
  ErrnoKeeper keeper;
  OuterFrame result{};
  result.stack_pointer =
      reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  if (!may_call_loader()) return result;
  LoadedRange own{};
  LoadedRange library{};
  if (!find_loaded_range(reinterpret_cast<std::uint64_t>(&find_outer_frame),
                         own) ||
      !find_loaded_range(reinterpret_cast<std::uint64_t>(&std::exit),
                         library)) {
    return result;
  }
  unw_context_t context;
  unw_cursor_t cursor;
  unw_getcontext(&context);
  unw_init_local(&cursor, &context);
  for (int i = 0; i < kMaxFrames; ++i) {
    if (unw_step(&cursor) <= 0) break;
    unw_word_t pc = 0;
    unw_word_t sp = 0;
    unw_get_reg(&cursor, UNW_REG_IP, &pc);
    unw_get_reg(&cursor, UNW_REG_SP, &sp);
    if (pc == 0) break;
    // All of an inner frame lies below: what it has saved has been read.
    result.stack_pointer = sp;
    std::size_t count = 0;
    for (const int number : kKept) {
      unw_word_t value = 0;
      unw_get_reg(&cursor, number, &value);
      result.registers[count++] = value;
    }
    if (!is_within(own, pc) && !is_within(library, pc)) break;
  }
  return result;
}

}  // namespace sagemem
