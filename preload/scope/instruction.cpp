// SPDX-License-Identifier: Apache-2.0
#include "scope/instruction.h"

#include <cstring>

namespace sagemem {

namespace {

// 256 flags, one a bit.
struct OpcodeSet {
  std::uint32_t rows[8];
  [[nodiscard]] constexpr bool has(std::uint8_t opcode) const noexcept {
    return (rows[opcode >> 5] >> (opcode & 31) & 1) != 0;
  }
};

// Bit n of row r: opcode 32 r + n.
constexpr OpcodeSet kModrmOneByte = {{0x0f0f0f0f, 0x0f0f0f0f, 0, 0x00000a08,
                                      0x0000fffb, 0, 0xff0f00c3, 0xc0c00000}};
constexpr OpcodeSet kInvalidOneByte = {{0x40c040c0, 0x80808080, 0, 0x00000003,
                                        0x04000004, 0, 0x00704000, 0x00000400}};
// 0f: those without.
constexpr OpcodeSet kNoModrmTwoByte = {{0x00005fe0, 0x00ff0000, 0, 0x00800000,
                                        0x0000ffff, 0x00000707, 0x0000ff00, 0}};
constexpr OpcodeSet kImmediateTwoByte = {
    {0x00008000, 0, 0, 0x000f0000, 0, 0x04001010, 0x00000074, 0}};

constexpr std::uint8_t kRexW = 8;
constexpr std::uint8_t kRexX = 2;
constexpr std::uint8_t kRexB = 1;

class Decoder {
 public:
  Decoder(const std::uint8_t* code, std::size_t available,
          Instruction& out) noexcept
      : code_(code),
        end_(available < kMaxInstruction ? available : kMaxInstruction),
        out_(out) {}

  bool run() noexcept {
    out_ = {};
    take_prefixes();
    if (!take_opcode()) return false;
    if (has_modrm() && !take_modrm()) return false;
    take_immediate();
    if (at_ > end_) return false;
    out_.length = static_cast<std::uint8_t>(at_);
    find_flow();
    read_branch();
    return true;
  }

 private:
  [[nodiscard]] std::uint8_t peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < end_ ? code_[at_ + ahead] : 0;
  }
  std::uint8_t take() noexcept {
    const std::uint8_t byte = peek();
    ++at_;
    return byte;
  }

  void take_prefixes() noexcept {
    for (; at_ < end_; ++at_) {
      const std::uint8_t byte = peek();
      if (byte == 0x66) {
        operand_16_ = true;
      } else if (byte == 0x67) {
        address_32_ = true;
      } else if (byte == 0xf2 || byte == 0xf3) {
        repeat_ = byte;
      } else if (byte != 0xf0 && byte != 0x64 && byte != 0x65 && byte != 0x2e &&
                 byte != 0x36 && byte != 0x3e && byte != 0x26) {
        // Counts only when it is the last.
        if ((byte & 0xf0) != 0x40) return;
        rex_ = byte;
        continue;
      }
      rex_ = 0;
    }
  }

  bool take_opcode() noexcept {
    const std::uint8_t byte = take();
    if (byte == 0xc5 || byte == 0xc4) return take_vex(byte);
    if (byte == 0x62) return take_evex();
    if (byte == 0x8f && (peek() & 0x1f) >= 8) return take_xop();
    out_.opcode = byte;
    // x87: long double.
    if (byte >= 0xd8 && byte <= 0xdf) out_.access = 16;
    if (byte != 0x0f) return !kInvalidOneByte.has(byte);
    out_.map = 1;
    out_.opcode = take();
    if (out_.opcode == 0x38 || out_.opcode == 0x3a) {
      out_.map = out_.opcode == 0x38 ? 2 : 3;
      out_.opcode = take();
    }
    out_.access = 16;
    return true;
  }

  bool take_vex(std::uint8_t first) noexcept {
    is_vector_ = true;
    const std::uint8_t second = take();
    out_.map = 1;
    std::uint8_t last = second;
    if (first == 0xc4) {
      out_.map = second & 0x1f;
      rex_ = static_cast<std::uint8_t>(~second >> 5 & 7);
      last = take();
    }
    out_.access = (last & 4) != 0 ? 32 : 16;
    out_.opcode = take();
    return out_.map >= 1 && out_.map <= 3;
  }

  bool take_evex() noexcept {
    is_vector_ = true;
    out_.is_evex = true;
    out_.access = 64;
    const std::uint8_t first = take();
    const std::uint8_t second = take();
    at_ += 1;
    out_.map = first & 7;
    rex_ = static_cast<std::uint8_t>(~first >> 5 & 7);
    out_.opcode = take();
    return (second & 4) != 0 && out_.map != 0 && out_.map != 4;
  }

  bool take_xop() noexcept {
    is_vector_ = true;
    const std::uint8_t first = take();
    out_.map = first & 0x1f;
    rex_ = static_cast<std::uint8_t>(~first >> 5 & 7);
    at_ += 1;
    out_.access = 32;
    out_.opcode = take();
    return out_.map <= 10;
  }

  [[nodiscard]] bool has_modrm() const noexcept {
    if (out_.map == 0) return kModrmOneByte.has(out_.opcode);
    if (out_.map != 1) return true;
    return is_vector_ ? out_.opcode != 0x77 : !kNoModrmTwoByte.has(out_.opcode);
  }

  bool take_modrm() noexcept {
    out_.has_modrm = true;
    out_.modrm = take();
    const unsigned mode = out_.modrm >> 6;
    // Moves to and from control and debug registers have no memory form.
    const bool is_control = out_.map == 1 && !is_vector_ &&
                            out_.opcode >= 0x20 && out_.opcode <= 0x23;
    if (mode == 3 || is_control) return true;
    out_.has_memory = true;
    unsigned bytes = mode == 1 ? 1 : mode == 2 ? 4 : 0;
    const std::uint8_t low = out_.modrm & 7;
    if (low == 4) {
      const std::uint8_t sib = take();
      const auto index = static_cast<std::uint8_t>(
          (sib >> 3 & 7) | ((rex_ & kRexX) != 0 ? 8 : 0));
      if (index != 4) out_.index = index;
      set_base(sib & 7);
      if ((sib & 7) == 5 && mode == 0) {
        bytes = 4;
        out_.base = 0xff;
      }
    } else if (low == 5 && mode == 0) {
      bytes = 4;
      out_.is_rip = true;
    } else {
      set_base(low);
    }
    if (bytes == 0) return at_ <= end_;
    out_.displacement_at = static_cast<std::uint8_t>(at_);
    out_.displacement_bytes = static_cast<std::uint8_t>(bytes);
    out_.displacement = read_signed(bytes);
    at_ += bytes;
    return at_ <= end_;
  }

  void set_base(unsigned low) noexcept {
    out_.base =
        static_cast<std::uint8_t>(low | ((rex_ & kRexB) != 0 ? 8u : 0u));
  }

  [[nodiscard]] std::int32_t read_signed(unsigned bytes) const noexcept {
    if (at_ + bytes > end_) return 0;
    if (bytes == 1) return static_cast<std::int8_t>(code_[at_]);
    std::int32_t value = 0;
    std::memcpy(&value, code_ + at_, sizeof value);
    return value;
  }

  // An operand of 32 bits, or 16 with the prefix.
  [[nodiscard]] unsigned usual() const noexcept {
    return operand_16_ && (rex_ & kRexW) == 0 ? 2 : 4;
  }

  void take_immediate() noexcept {
    if (out_.map == 0) {
      at_ += one_byte_immediate();
    } else if (out_.map == 1) {
      if (!is_vector_ && out_.opcode >= 0x80 && out_.opcode <= 0x8f) {
        take_branch(4);
      } else if (kImmediateTwoByte.has(out_.opcode) &&
                 !(is_vector_ && out_.opcode == 0x0f)) {
        at_ += vector_or_legacy_immediate();
      } else if (!is_vector_ && out_.opcode == 0x78 &&
                 (operand_16_ || repeat_ == 0xf2)) {
        at_ += 2;  // extrq, insertq
      }
    } else if (out_.map == 3 || out_.map == 8) {
      at_ += 1;
    } else if (out_.map == 10) {
      at_ += 4;
    }
  }

  // A4, AC and BA have none as vector instructions.
  [[nodiscard]] unsigned vector_or_legacy_immediate() const noexcept {
    const bool is_legacy_only =
        out_.opcode == 0xa4 || out_.opcode == 0xac || out_.opcode == 0xba;
    return is_vector_ && is_legacy_only ? 0 : 1;
  }

  unsigned take_branch(unsigned bytes) noexcept {
    out_.branch_at = static_cast<std::uint8_t>(at_);
    out_.branch_bytes = static_cast<std::uint8_t>(bytes);
    at_ += bytes;
    return 0;
  }

  unsigned one_byte_immediate() noexcept {
    const std::uint8_t op = out_.opcode;
    if (op < 0x40) {
      const unsigned column = op & 7;
      return column == 4 ? 1 : column == 5 ? usual() : 0;
    }
    if (op >= 0x70 && op <= 0x7f) return take_branch(1);
    if (op >= 0xb0 && op <= 0xb7) return 1;
    if (op >= 0xb8 && op <= 0xbf) return (rex_ & kRexW) != 0 ? 8 : usual();
    if (op >= 0xa0 && op <= 0xa3) return address_32_ ? 4 : 8;
    if (op >= 0xe0 && op <= 0xe3) return take_branch(1);
    if (op >= 0xe4 && op <= 0xe7) return 1;
    switch (op) {
      case 0x68:
      case 0x69:
      case 0x81:
      case 0xa9:
      case 0xc7:
        return usual();
      case 0x6a:
      case 0x6b:
      case 0x80:
      case 0x83:
      case 0xa8:
      case 0xc0:
      case 0xc1:
      case 0xc6:
      case 0xcd:
        return 1;
      case 0xc2:
      case 0xca:
        return 2;
      case 0xc8:
        return 3;
      case 0xe8:
      case 0xe9:
        return take_branch(4);
      case 0xeb:
        return take_branch(1);
      case 0xf6:
        return (out_.modrm >> 3 & 7) < 2 ? 1 : 0;
      case 0xf7:
        return (out_.modrm >> 3 & 7) < 2 ? usual() : 0;
      default:
        return 0;
    }
  }

  void find_flow() noexcept {
    if (is_vector_) return;
    if (out_.map == 0) {
      out_.flow = one_byte_flow();
    } else if (out_.map == 1) {
      const std::uint8_t op = out_.opcode;
      if (op >= 0x80 && op <= 0x8f) out_.flow = Flow::Condition;
      if (op == 0x0b || op == 0xff || op == 0xb9) out_.flow = Flow::Stop;
      if (op == 0x05 || op == 0x07 || op == 0x34 || op == 0x35) {
        out_.flow = op == 0x05 ? Flow::On : Flow::Other;
      }
    }
    // 16 bits with some processors, 32 with others (AMD64 manual vol.
    // 3, 1.2.3).
    if (out_.branch_bytes == 4 && operand_16_ && (rex_ & kRexW) == 0) {
      out_.flow = Flow::Other;
    }
  }

  [[nodiscard]] Flow one_byte_flow() const noexcept {
    const std::uint8_t op = out_.opcode;
    if (op >= 0x70 && op <= 0x7f) return Flow::Condition;
    if (op >= 0xe0 && op <= 0xe3) return Flow::Count;
    switch (op) {
      case 0xe8:
        return Flow::Call;
      case 0xe9:
      case 0xeb:
        return Flow::Jump;
      case 0xc2:
      case 0xc3:
        return Flow::Return;
      case 0xf4:
        return Flow::Stop;
      case 0xca:
      case 0xcb:
      case 0xcc:
      case 0xcd:
      case 0xcf:
      case 0xf1:
        return Flow::Other;
      case 0xc7:
        return out_.modrm == 0xf8 ? Flow::Other : Flow::On;  // xbegin
      case 0xff:
        switch (out_.modrm >> 3 & 7) {
          case 2:
            return Flow::CallIndirect;
          case 4:
            return Flow::JumpIndirect;
          case 3:
          case 5:
            return Flow::Other;
          default:
            return Flow::On;
        }
      default:
        return Flow::On;
    }
  }

  void read_branch() noexcept {
    if (out_.branch_bytes == 0) return;
    at_ = out_.branch_at;
    out_.branch = read_signed(out_.branch_bytes);
  }

  const std::uint8_t* code_;
  std::size_t end_;
  Instruction& out_;
  std::size_t at_ = 0;
  std::uint8_t rex_ = 0;
  std::uint8_t repeat_ = 0;
  bool operand_16_ = false;
  bool address_32_ = false;
  bool is_vector_ = false;
};

}  // namespace

bool decode(const std::uint8_t* code, std::size_t available,
            Instruction& out) noexcept {
  return Decoder(code, available, out).run();
}

bool is_padding(const std::uint8_t* code, const Instruction& it) noexcept {
  if (it.map == 0 && it.opcode == 0xcc) return true;
  // 90, with prefixes or not; f3 90 is pause.
  if (it.map == 0 && it.opcode == 0x90) return code[0] != 0xf3;
  // 0f 1f /0; and xchg %ax,%ax is 66 90.
  return it.map == 1 && it.opcode == 0x1f && (it.modrm >> 3 & 7) == 0;
}

}  // namespace sagemem
