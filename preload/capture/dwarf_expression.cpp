// SPDX-License-Identifier: Apache-2.0
#include "capture/dwarf_expression.h"

namespace sagemem {

namespace {

// Operations, DWARF 5, 7.7.1.
constexpr std::uint8_t kDeref = 0x06;
constexpr std::uint8_t kConst1u = 0x08;
constexpr std::uint8_t kConst1s = 0x09;
constexpr std::uint8_t kConst2u = 0x0a;
constexpr std::uint8_t kConst2s = 0x0b;
constexpr std::uint8_t kAnd = 0x1a;
constexpr std::uint8_t kPlus = 0x22;
constexpr std::uint8_t kPlusConstant = 0x23;
constexpr std::uint8_t kShl = 0x24;
constexpr std::uint8_t kGe = 0x2a;
constexpr std::uint8_t kLit0 = 0x30;
constexpr std::uint8_t kBreg0 = 0x70;
constexpr std::uint8_t kRegisters = 32;

ExpressionValue constant(std::int64_t value) noexcept {
  ExpressionValue result;
  result.offset = value;
  result.is_known = true;
  return result;
}

class Evaluation {
 public:
  explicit Evaluation(std::uint64_t pc) noexcept : pc_(pc) {}

  // False: an operation that we do not know, or not on such operands.
  bool apply(std::uint8_t operation, Cursor& cursor) noexcept {
    if (operation >= kLit0 && operation < kLit0 + 32) {
      return push(constant(operation - kLit0));
    }
    if (operation >= kBreg0 && operation < kBreg0 + kRegisters) {
      return push_register(operation - kBreg0, cursor.take_sleb());
    }
    switch (operation) {
      case kConst1u:
        return push(constant(cursor.take<std::uint8_t>()));
      case kConst1s:
        return push(constant(cursor.take<std::int8_t>()));
      case kConst2u:
        return push(constant(cursor.take<std::uint16_t>()));
      case kConst2s:
        return push(constant(cursor.take<std::int16_t>()));
      case kPlusConstant:
        return push(constant(static_cast<std::int64_t>(cursor.take_uleb()))) &&
               combine(kPlus);
      case kDeref:
        return dereference();
      default:
        return combine(operation);
    }
  }

  [[nodiscard]] ExpressionValue result() const noexcept {
    return depth_ == 0 ? ExpressionValue{} : values_[depth_ - 1];
  }

 private:
  static constexpr unsigned kDepth = 8;

  bool push(const ExpressionValue& value) noexcept {
    if (depth_ == kDepth) return false;
    values_[depth_++] = value;
    return true;
  }

  bool push_register(unsigned number, std::int64_t offset) noexcept {
    if (number == kReturn) {
      return push(constant(static_cast<std::int64_t>(pc_) + offset));
    }
    ExpressionValue value = constant(offset);
    value.base = number;
    return push(value);
  }

  bool dereference() noexcept {
    if (depth_ == 0) return false;
    ExpressionValue& top = values_[depth_ - 1];
    if (top.is_word || top.base == ExpressionValue::kNoBase) return false;
    top.is_word = true;
    return true;
  }

  // The two topmost to one.
  bool combine(std::uint8_t operation) noexcept {
    if (depth_ < 2) return false;
    const ExpressionValue right = values_[--depth_];
    ExpressionValue& left = values_[depth_ - 1];
    if (!right.is_constant() || left.is_word) return false;
    if (operation == kPlus) {
      left.offset += right.offset;
      return true;
    }
    if (!left.is_constant()) return false;
    switch (operation) {
      case kAnd:
        left.offset &= right.offset;
        return true;
      case kGe:
        left.offset = left.offset >= right.offset ? 1 : 0;
        return true;
      case kShl:
        left.offset = static_cast<std::int64_t>(
            static_cast<std::uint64_t>(left.offset) << (right.offset & 63));
        return true;
      default:
        return false;
    }
  }

  std::uint64_t pc_;
  ExpressionValue values_[kDepth];
  unsigned depth_ = 0;
};

}  // namespace

ExpressionValue take_expression(Cursor& cursor, std::uint64_t pc) noexcept {
  const std::uint64_t bytes = cursor.take_uleb();
  const std::uint8_t* const end = cursor.at() + bytes;
  Cursor inside(cursor.at());
  cursor.skip(bytes);
  Evaluation evaluation(pc);
  while (inside.at() < end) {
    if (!evaluation.apply(inside.take<std::uint8_t>(), inside)) return {};
  }
  return evaluation.result();
}

}  // namespace sagemem
