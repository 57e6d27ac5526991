// SPDX-License-Identifier: Apache-2.0
//
// What a stub (stubs.S) puts on the stack at the entry of a probed function,
// and again when it has returned.  All general registers are put back from
// here: gcc lets the caller of a function that it knows keep values in those
// that the ABI gives away (-fipa-ra).
#pragma once

#include <cstddef>
#include <cstdint>

namespace sagemem {

struct ProbeFrame {
  std::uint64_t rax;
  std::uint64_t rcx;
  std::uint64_t rdx;
  std::uint64_t rsi;
  std::uint64_t rdi;
  std::uint64_t r8;
  std::uint64_t r9;
  std::uint64_t r10;
  std::uint64_t r11;
  std::uint64_t rbx;
  std::uint64_t flags;   // as lahf and seto give them
  std::uint64_t target;  // what the stub is to call: set at the entry
  std::uint64_t words;   // of the caller's stack that it is to copy: the same
  std::uint64_t thunk;   // entry only: where the stub returns to
  std::uint64_t probe;   // number
  std::uint64_t return_address;

  // Of the probed call: the stack pointer of its caller.
  [[nodiscard]] std::uint64_t cfa() const noexcept {
    return reinterpret_cast<std::uint64_t>(this + 1);
  }
  [[nodiscard]] std::uint64_t argument(unsigned index) const noexcept {
    // rdi, rsi, rdx, rcx, r8, r9
    constexpr std::uint8_t kPlaces[] = {32, 24, 16, 8, 40, 48};
    std::uint64_t value;
    __builtin_memcpy(&value,
                     reinterpret_cast<const char*>(this) + kPlaces[index],
                     sizeof value);
    return value;
  }
};
static_assert(sizeof(ProbeFrame) == 128);
static_assert(offsetof(ProbeFrame, target) == 88);
static_assert(offsetof(ProbeFrame, words) == 96);
static_assert(offsetof(ProbeFrame, probe) == 112);

}  // namespace sagemem

// Jumped to from the code of a probe, with its number on the stack.
extern "C" {
void sagemem_stub_call() noexcept;        // calls the function: sees its end
void sagemem_stub_call_words() noexcept;  // the same, with stack arguments
void sagemem_stub_entry() noexcept;       // sees its beginning only
// Calls work(context) with all vector registers as they were afterwards.
void sagemem_keep_vectors(void (*work)(void*), void* context) noexcept;
// How: 0 fxsave, 1 xsave, 2 xsavec.
extern std::uint32_t g_sagemem_vector_way;

// What the stubs call, in intercept/probe_api.cpp.
// First the quick way, in intercept/quick_probes.cpp; not 0: it was none.
std::uint32_t sagemem_quick_begin(sagemem::ProbeFrame* frame) noexcept;
std::uint32_t sagemem_quick_end(sagemem::ProbeFrame* frame) noexcept;
std::uint32_t sagemem_quick_label(sagemem::ProbeFrame* frame) noexcept;
void sagemem_on_probe_entry(sagemem::ProbeFrame* frame) noexcept;
void sagemem_on_probe_exit(sagemem::ProbeFrame* frame) noexcept;
void sagemem_on_probe_unwound(sagemem::ProbeFrame* frame) noexcept;
}
