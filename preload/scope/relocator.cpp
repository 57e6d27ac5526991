// SPDX-License-Identifier: Apache-2.0
#include "scope/relocator.h"

#include <cstring>

#include "scope/instruction.h"

namespace sagemem {

namespace {

using trace::ProbeReason;

bool fits(std::int64_t value) noexcept {
  return value == static_cast<std::int32_t>(value);
}

class Mover {
 public:
  Mover(const std::uint8_t* code, std::size_t bytes, std::uint64_t from,
        std::uint64_t to, std::uint8_t* out) noexcept
      : code_(code), bytes_(bytes), from_(from), to_(to), out_(out) {}

  std::size_t run() noexcept {
    Instruction it;
    for (std::size_t at = 0; at < bytes_; at += it.length) {
      if (!decode(code_ + at, bytes_ - at, it)) return 0;
      next_ = from_ + at + it.length;
      const bool is_last = at + it.length == bytes_;
      if (!move(code_ + at, it, is_last)) return 0;
      // What follows is padding: nothing else leads to it.
      if (!it.goes_on()) return failed_ ? 0 : size_;
    }
    put_jump(next_);
    return failed_ ? 0 : size_;
  }

 private:
  bool move(const std::uint8_t* at, const Instruction& it,
            bool is_last) noexcept {
    const std::uint64_t target = next_ + static_cast<std::int64_t>(it.branch);
    if (it.is_branch() && target > from_ && target < from_ + bytes_) {
      return false;
    }
    switch (it.flow) {
      case Flow::Jump:
        put_jump(target);
        return true;
      case Flow::Condition:
        put(0x0f);
        put(static_cast<std::uint8_t>(0x80 | (it.opcode & 0x0f)));
        put_relative(target);
        return true;
      case Flow::Count:
        // To a jump to its target, which it else jumps over.
        put(at, it.length - 1u);
        put(2);
        put(0xeb);
        put(kJumpBytes);
        put_jump(target);
        return true;
      case Flow::Call:
        if (!is_last) return false;
        put_return_address();
        put_jump(target);
        return true;
      case Flow::CallIndirect:
        return is_last && move_indirect_call(at, it);
      case Flow::Other:
        return false;
      default:
        put_instruction(at, it, 0);
        return true;
    }
  }

  // push $next, as 64 bits; changes no flags.
  void put_return_address() noexcept {
    put(0x68);
    put_32(static_cast<std::uint32_t>(next_));
    put(0xc7);  // movl $high, 4(%rsp)
    put(0x44);
    put(0x24);
    put(0x04);
    put_32(static_cast<std::uint32_t>(next_ >> 32));
  }

  bool move_indirect_call(const std::uint8_t* at,
                          const Instruction& it) noexcept {
    constexpr std::uint8_t kSp = 4;
    const bool uses_sp = it.has_memory ? it.base == kSp : (it.modrm & 7) == kSp;
    if (uses_sp) return false;
    put_return_address();
    // ff /2 becomes ff /4: jmp.
    const std::size_t modrm = find_modrm(at, it);
    put_instruction(at, it, modrm);
    return true;
  }

  // Of ff: the byte behind it.
  static std::size_t find_modrm(const std::uint8_t* at,
                                const Instruction& it) noexcept {
    std::size_t place = 0;
    while (place + 1 < it.length && at[place] != 0xff) ++place;
    return place + 1;
  }

  // As it is, but for what is relative; `jump_modrm`: where /2 becomes /4.
  void put_instruction(const std::uint8_t* at, const Instruction& it,
                       std::size_t jump_modrm) noexcept {
    const std::size_t start = size_;
    put(at, it.length);
    if (failed_) return;
    if (jump_modrm != 0) {
      out_[start + jump_modrm] =
          static_cast<std::uint8_t>((at[jump_modrm] & ~0x38) | 0x20);
    }
    if (!it.is_rip) return;
    const std::uint64_t target =
        next_ + static_cast<std::int64_t>(it.displacement);
    const auto moved = static_cast<std::int64_t>(target - (to_ + size_));
    if (!fits(moved)) failed_ = true;
    const auto value = static_cast<std::int32_t>(moved);
    std::memcpy(out_ + start + it.displacement_at, &value, sizeof value);
  }

  void put(std::uint8_t byte) noexcept {
    if (size_ < kMaxMoved) {
      out_[size_++] = byte;
    } else {
      failed_ = true;
    }
  }
  void put(const std::uint8_t* bytes, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) put(bytes[i]);
  }
  void put_32(std::uint32_t value) noexcept {
    for (int i = 0; i < 4; ++i) put(static_cast<std::uint8_t>(value >> 8 * i));
  }
  void put_relative(std::uint64_t target) noexcept {
    const auto distance = static_cast<std::int64_t>(target - (to_ + size_ + 4));
    if (!fits(distance)) failed_ = true;
    put_32(static_cast<std::uint32_t>(distance));
  }
  void put_jump(std::uint64_t target) noexcept {
    put(0xe9);
    put_relative(target);
  }

  const std::uint8_t* code_;
  std::size_t bytes_;
  std::uint64_t from_;
  std::uint64_t to_;
  std::uint8_t* out_;
  std::uint64_t next_ = 0;
  std::size_t size_ = 0;
  bool failed_ = false;
};

}  // namespace

Displaced measure_entry(const std::uint8_t* code, std::size_t function,
                        std::size_t available, std::size_t least) noexcept {
  std::size_t at = 0;
  bool has_ended = false;
  while (at < least) {
    Instruction it;
    if (at >= available || !decode(code + at, available - at, it)) {
      return {0, ProbeReason::TooShort};
    }
    const bool is_behind = at >= function || has_ended;
    // What linkers put behind the last function of a section.
    if (is_behind && code[at] == 0) {
      at += 1;
      continue;
    }
    if (is_behind && !is_padding(code + at, it)) {
      return {0, ProbeReason::TooShort};
    }
    if (it.flow == Flow::Other && !is_behind) {
      return {0, ProbeReason::NotRelocatable};
    }
    if (!it.goes_on()) has_ended = true;
    at += it.length;
  }
  return {static_cast<std::uint32_t>(at), ProbeReason::None};
}

std::size_t move_code(const std::uint8_t* code, std::size_t bytes,
                      std::uint64_t from, std::uint64_t to,
                      std::uint8_t* out) noexcept {
  return Mover(code, bytes, from, to, out).run();
}

bool make_jump(std::uint64_t from, std::uint64_t to,
               std::uint8_t* out) noexcept {
  const auto distance = static_cast<std::int64_t>(to - (from + kJumpBytes));
  if (!fits(distance)) return false;
  const auto value = static_cast<std::int32_t>(distance);
  out[0] = 0xe9;
  std::memcpy(out + 1, &value, sizeof value);
  return true;
}

bool make_short_jump(std::uint64_t from, std::uint64_t to,
                     std::uint8_t* out) noexcept {
  const auto distance =
      static_cast<std::int64_t>(to - (from + kShortJumpBytes));
  const auto value = static_cast<std::int8_t>(distance);
  if (value != distance) return false;
  out[0] = 0xeb;
  std::memcpy(out + 1, &value, sizeof value);
  return true;
}

}  // namespace sagemem
