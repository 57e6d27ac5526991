// SPDX-License-Identifier: Apache-2.0
//
// The decoder of the recorder against Zydis, over all code of some programs and
// over bytes by chance: whatever is an instruction to Zydis has the same
// length, operand and branch.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "scope/instruction.h"

#if defined(SAGEMEM_HAS_ZYDIS)
#include <Zydis/Zydis.h>

using sagemem::Flow;
using sagemem::Instruction;

namespace {

// What there is to compare, as text.
std::string describe(const Instruction& it) {
  return std::to_string(it.length) + (it.is_rip ? " rip" : "") + " base " +
         std::to_string(it.base) + " displacement " +
         std::to_string(it.displacement) + " branch " +
         std::to_string(it.branch) + " at " + std::to_string(it.branch_at);
}

class Oracle {
 public:
  Oracle() {
    ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64,
                     ZYDIS_STACK_WIDTH_64);
  }

  // 0: no instruction.
  std::size_t decode(const std::uint8_t* code, std::size_t bytes) {
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder_, code, bytes, &found_,
                                             operands_)) ||
        is_of_knights_corner()) {
      return 0;
    }
    return found_.length;
  }

  [[nodiscard]] std::string describe_like(const Instruction& it) const {
    Instruction want;
    want.length = found_.length;
    for (unsigned i = 0; i < found_.operand_count_visible; ++i) {
      const auto& operand = operands_[i];
      if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) continue;
      const auto base = operand.mem.base;
      want.is_rip = base == ZYDIS_REGISTER_RIP || base == ZYDIS_REGISTER_EIP;
      if (found_.raw.modrm.offset == 0) continue;
      if (base >= ZYDIS_REGISTER_RAX && base <= ZYDIS_REGISTER_R15) {
        want.base = static_cast<std::uint8_t>(base - ZYDIS_REGISTER_RAX);
        want.displacement = static_cast<std::int32_t>(operand.mem.disp.value);
      }
    }
    // Of these it is not looked at, or counted in vectors.
    if (want.base == 0xff || it.is_evex) {
      want.base = it.base;
      want.displacement = it.displacement;
    }
    if (found_.raw.imm[0].is_relative && it.flow != Flow::Other) {
      want.branch = static_cast<std::int32_t>(found_.raw.imm[0].value.s);
      want.branch_at = found_.raw.imm[0].offset;
    } else if (it.flow == Flow::Other) {
      want.branch = it.branch;
      want.branch_at = it.branch_at;
    }
    return describe(want);
  }

 private:
  // A processor of its own kind, which never ran programs like these.
  [[nodiscard]] bool is_of_knights_corner() const {
    return found_.encoding == ZYDIS_INSTRUCTION_ENCODING_MVEX ||
           (found_.encoding == ZYDIS_INSTRUCTION_ENCODING_VEX &&
            found_.raw.imm[0].is_relative);
  }

  ZydisDecoder decoder_;
  ZydisDecodedInstruction found_;
  ZydisDecodedOperand operands_[ZYDIS_MAX_OPERAND_COUNT];
};

// How many of `bytes` the instruction takes; compares.
std::size_t compare(Oracle& oracle, const std::uint8_t* code,
                    std::size_t bytes) {
  const std::size_t length = oracle.decode(code, bytes);
  if (length == 0) return 1;
  Instruction it;
  const bool is_one = sagemem::decode(code, bytes, it);
  const std::string want = oracle.describe_like(it);
  if (!is_one || describe(it) != want) {
    CAPTURE(std::vector<int>(code, code + length));
    CHECK(describe(it) == want);
  }
  return length;
}

}  // namespace

TEST_CASE("instructions are what Zydis says, over whole programs") {
  Oracle oracle;
  for (const char* path : {"/proc/self/exe", "/bin/sh"}) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> text((std::istreambuf_iterator<char>(file)), {});
    const auto* code = reinterpret_cast<const std::uint8_t*>(text.data());
    for (std::size_t at = 0; at + 16 < text.size();) {
      at += compare(oracle, code + at, text.size() - at);
    }
  }
}

TEST_CASE("instructions are what Zydis says, by chance") {
  Oracle oracle;
  std::mt19937 random(1);
  constexpr std::uint8_t kStarts[] = {0x0f, 0x62, 0xc4, 0xc5, 0x66, 0x48, 0x8f};
  for (int i = 0; i < 300000; ++i) {
    std::uint8_t code[15];
    for (std::uint8_t& byte : code) byte = static_cast<std::uint8_t>(random());
    if (i % 2 == 0) code[0] = kStarts[random() % sizeof kStarts];
    compare(oracle, code, sizeof code);
  }
}
#endif

TEST_CASE("instructions end where the bytes do") {
  const std::uint8_t code[] = {0x48, 0x8b, 0x84, 0x24, 0x10, 0, 0, 0};
  sagemem::Instruction it;
  for (std::size_t bytes = 0; bytes < sizeof code; ++bytes) {
    CHECK_FALSE(sagemem::decode(code, bytes, it));
  }
  REQUIRE(sagemem::decode(code, sizeof code, it));
  CHECK(it.length == sizeof code);
  CHECK(it.base == 4);
  CHECK(it.displacement == 16);
}
