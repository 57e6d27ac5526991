// SPDX-License-Identifier: Apache-2.0
//
// One x86-64 instruction, as far as moving it and following it needs: how long
// it is, what it refers to relative to itself, where it may branch, and its
// memory operand (Intel SDM vol. 2A, chapter 2; AMD64 manual vol. 3, appendix
// A).
//
//   66 48 0f 2e 05 12 34 56 78      comisd xmm0, [rip + 0x78563412]
//   `-prefixes' op ^modrm ^displacement: displacement_at = 5, is_rip = true
//
// Not a disassembler: which registers an instruction changes is not known.
// Debian has Zydis as a shared library only, which a preload library must not
// bring along; the unit test compares this one with it over whole binaries.
//
// Hazard: bytes that are no valid instruction may be given a length all the
// same.  They are never executed, here or where they were moved to.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sagemem {

enum class Flow : std::uint8_t {
  On,            // goes on behind it
  Jump,          // relative; branch_at, branch_bytes, branch
  Condition,     // relative, or goes on: jcc
  Count,         // the same with 8 bits only: loop, jrcxz
  Call,          // relative
  JumpIndirect,  // through a register or memory
  CallIndirect,
  Return,
  Stop,   // ud2, hlt: does not go on
  Other,  // int3, far branches, iret, xbegin: not to be moved
};

struct Instruction {
  std::uint8_t length = 0;
  Flow flow = Flow::On;
  std::uint8_t map = 0;  // 0: one byte, 1: 0f, 2: 0f 38, 3: 0f 3a, more: XOP
  std::uint8_t opcode = 0;
  std::uint8_t modrm = 0;
  bool has_modrm = false;
  bool has_memory = false;
  bool is_rip = false;       // memory operand relative to the next one
  bool is_evex = false;      // its displacement may count in vectors
  std::uint8_t base = 0xff;  // registers 0 to 15; 0xff: none
  std::uint8_t index = 0xff;
  std::uint8_t access = 8;  // bytes of memory it touches, at most
  std::uint8_t displacement_at = 0;
  std::uint8_t displacement_bytes = 0;
  std::int32_t displacement = 0;
  std::uint8_t branch_at = 0;
  std::uint8_t branch_bytes = 0;
  std::int32_t branch = 0;  // relative to the next instruction

  [[nodiscard]] bool is_lea() const noexcept {
    return map == 0 && opcode == 0x8d;
  }
  [[nodiscard]] bool is_branch() const noexcept { return branch_bytes != 0; }
  // What it does to the instruction behind it.
  [[nodiscard]] bool goes_on() const noexcept {
    return flow != Flow::Jump && flow != Flow::JumpIndirect &&
           flow != Flow::Return && flow != Flow::Stop;
  }
};

inline constexpr std::size_t kMaxInstruction = 15;

// The instruction at `code`, of which `available` bytes may be read.  False:
// there is none, or not a whole one.
bool decode(const std::uint8_t* code, std::size_t available,
            Instruction& out) noexcept;

// Does nothing: one of the forms that fill the space between functions.
bool is_padding(const std::uint8_t* code, const Instruction& it) noexcept;

}  // namespace sagemem
