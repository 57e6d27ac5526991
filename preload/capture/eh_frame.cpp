// SPDX-License-Identifier: Apache-2.0
//
// The interpreter keeps three columns of the call frame table: the CFA, the
// frame pointer and the return address.  Instructions about other registers
// are stepped over.
#include "capture/eh_frame.h"

#include <cstddef>
#include <cstring>

#include "capture/dwarf_cursor.h"
#include "capture/dwarf_expression.h"

namespace sagemem {

namespace {

constexpr int kMaxRemembered = 8;

// Pointer encodings, LSB core 10.5.
constexpr std::uint8_t kOmitted = 0xff;
constexpr std::uint8_t kTableEncoding = 0x3b;  // signed 4 bytes, from header

enum class Where : std::uint8_t { Same, AtCfa, AtFp, Undefined, Odd };

struct Column {
  Where where = Where::Same;
  std::int64_t offset = 0;
};

struct Row {
  CfaBase cfa_base = CfaBase::Sp;
  bool cfa_odd = false;
  std::int64_t cfa_offset = 0;
  Column fp;
  Column return_address;
};

// What a common information entry says.
struct Common {
  std::uint64_t code_align = 1;
  std::int64_t data_align = 1;
  std::uint64_t return_register = kReturn;
  std::uint8_t encoding = 0;  // of the pointers in its FDEs
  bool has_augmentation_data = false;
  bool is_signal_frame = false;
  const std::uint8_t* begin = nullptr;  // initial instructions
  const std::uint8_t* end = nullptr;
};

// Steps over an entry's length; false: 64-bit DWARF or the terminator.
bool take_length(Cursor& cursor, const std::uint8_t*& end) noexcept {
  const auto length = cursor.take<std::uint32_t>();
  end = cursor.at() + length;
  return length != 0 && length != 0xffffffff;
}

bool read_common(const std::uint8_t* entry, Common& out) noexcept {
  Cursor cursor(entry);
  if (!take_length(cursor, out.end)) return false;
  cursor.skip(4);  // CIE id
  const auto version = cursor.take<std::uint8_t>();
  const auto* augmentation = reinterpret_cast<const char*>(cursor.at());
  cursor.skip(std::strlen(augmentation) + 1);
  out.code_align = cursor.take_uleb();
  out.data_align = cursor.take_sleb();
  out.return_register =
      version == 1 ? cursor.take<std::uint8_t>() : cursor.take_uleb();
  if (*augmentation == 'z') {
    out.has_augmentation_data = true;
    const std::uint64_t bytes = cursor.take_uleb();
    const std::uint8_t* const instructions = cursor.at() + bytes;
    while (*++augmentation != '\0') {
      if (*augmentation == 'R') {
        out.encoding = cursor.take<std::uint8_t>();
      } else if (*augmentation == 'L') {
        cursor.skip(1);
      } else if (*augmentation == 'P') {
        const auto encoding = cursor.take<std::uint8_t>();
        std::uint64_t ignored = 0;
        if (!cursor.take_pointer(encoding & 0x7f, ignored)) return false;
      } else if (*augmentation == 'S') {
        out.is_signal_frame = true;
      } else {
        return false;
      }
    }
    out.begin = instructions;
  } else {
    if (*augmentation != '\0') return false;
    out.begin = cursor.at();
  }
  return out.return_register == kReturn;
}

class Interpreter {
 public:
  // `target`: where the row is wanted; `pc`: of the frame.
  Interpreter(const Common& common, std::uint64_t target,
              std::uint64_t pc) noexcept
      : common_(common), target_(target), pc_(pc) {}

  // False: an instruction that we do not know.
  bool run(const std::uint8_t* begin, const std::uint8_t* end,
           std::uint64_t start) noexcept {
    Cursor cursor(begin);
    location_ = start;
    while (cursor.at() < end && location_ <= target_) {
      const auto code = cursor.take<std::uint8_t>();
      if (!(code >= 0x40 ? packed(cursor, code) : extended(cursor, code))) {
        return false;
      }
    }
    return true;
  }
  void keep_as_initial() noexcept { initial_ = row_; }
  [[nodiscard]] const Row& row() const noexcept { return row_; }

 private:
  Column* column(std::uint64_t number) noexcept {
    if (number == kFp) return &row_.fp;
    return number == kReturn ? &row_.return_address : nullptr;
  }
  void set(std::uint64_t number, Column value) noexcept {
    if (Column* out = column(number)) *out = value;
  }
  void restore(std::uint64_t number) noexcept {
    if (number == kFp) row_.fp = initial_.fp;
    if (number == kReturn) row_.return_address = initial_.return_address;
  }
  void set_cfa_register(std::uint64_t number) noexcept {
    row_.cfa_odd = number != kSp && number != kFp;
    row_.cfa_base = number == kFp ? CfaBase::Fp : CfaBase::Sp;
  }
  void set_cfa_expression(const ExpressionValue& value) noexcept {
    row_.cfa_odd = !value.is_known ||
                   (value.is_word ? value.base != kFp
                                  : value.base != kFp && value.base != kSp);
    row_.cfa_base = value.is_word       ? CfaBase::WordAtFp
                    : value.base == kFp ? CfaBase::Fp
                                        : CfaBase::Sp;
    row_.cfa_offset = value.offset;
  }
  std::int64_t scaled(std::uint64_t value) const noexcept {
    return static_cast<std::int64_t>(value) * common_.data_align;
  }
  void advance(std::uint64_t steps) noexcept {
    const std::uint64_t next = location_ + steps * common_.code_align;
    location_ = next;
  }

  // The three instructions with an operand in their low six bits.
  bool packed(Cursor& cursor, std::uint8_t code) noexcept {
    const std::uint64_t low = code & 0x3f;
    if (code < 0x80) {
      advance(low);
    } else if (code < 0xc0) {
      set(low, {Where::AtCfa, scaled(cursor.take_uleb())});
    } else {
      restore(low);
    }
    return true;
  }

  bool extended(Cursor& cursor, std::uint8_t code) noexcept {
    switch (code) {
      case 0x00:  // nop
        return true;
      case 0x01:  // set_loc
        return cursor.take_pointer(common_.encoding, location_);
      case 0x02:  // advance_loc1
        advance(cursor.take<std::uint8_t>());
        return true;
      case 0x03:  // advance_loc2
        advance(cursor.take<std::uint16_t>());
        return true;
      case 0x04:  // advance_loc4
        advance(cursor.take<std::uint32_t>());
        return true;
      case 0x0a:  // remember_state
        if (remembered_ == kMaxRemembered) return false;
        stack_[remembered_++] = row_;
        return true;
      case 0x0b:  // restore_state
        if (remembered_ == 0) return false;
        row_ = stack_[--remembered_];
        return true;
      case 0x2e:  // GNU_args_size
        cursor.take_uleb();
        return true;
      default:
        return code >= 0x0c && code <= 0x0f   ? define_cfa(cursor, code)
               : code == 0x12 || code == 0x13 ? define_cfa(cursor, code)
                                              : define_register(cursor, code);
    }
  }

  bool define_cfa(Cursor& cursor, std::uint8_t code) noexcept {
    switch (code) {
      case 0x0c:  // def_cfa
        set_cfa_register(cursor.take_uleb());
        row_.cfa_offset = static_cast<std::int64_t>(cursor.take_uleb());
        return true;
      case 0x0d:  // def_cfa_register
        set_cfa_register(cursor.take_uleb());
        return true;
      case 0x0e:  // def_cfa_offset
        row_.cfa_offset = static_cast<std::int64_t>(cursor.take_uleb());
        return true;
      case 0x12:  // def_cfa_sf
        set_cfa_register(cursor.take_uleb());
        row_.cfa_offset = cursor.take_sleb() * common_.data_align;
        return true;
      case 0x13:  // def_cfa_offset_sf
        row_.cfa_offset = cursor.take_sleb() * common_.data_align;
        return true;
      default: {  // 0x0f, def_cfa_expression
        set_cfa_expression(take_expression(cursor, pc_));
        return true;
      }
    }
  }

  bool define_register(Cursor& cursor, std::uint8_t code) noexcept {
    const std::uint64_t number = cursor.take_uleb();
    switch (code) {
      case 0x05:  // offset_extended
        set(number, {Where::AtCfa, scaled(cursor.take_uleb())});
        return true;
      case 0x06:  // restore_extended
        restore(number);
        return true;
      case 0x07:  // undefined
        set(number, {Where::Undefined, 0});
        return true;
      case 0x08:  // same_value
        set(number, {Where::Same, 0});
        return true;
      case 0x09:             // register
      case 0x14:             // val_offset
      case 0x15:             // val_offset_sf
        cursor.take_uleb();  // a signed number is as long
        set(number, {Where::Odd, 0});
        return true;
      case 0x10: {  // expression: saved at that address
        const ExpressionValue e = take_expression(cursor, pc_);
        const bool at_fp = e.is_known && !e.is_word && e.base == kFp;
        set(number, {at_fp ? Where::AtFp : Where::Odd, e.offset});
        return true;
      }
      case 0x11:  // offset_extended_sf
        set(number, {Where::AtCfa, cursor.take_sleb() * common_.data_align});
        return true;
      case 0x16:  // val_expression
        take_expression(cursor, pc_);
        set(number, {Where::Odd, 0});
        return true;
      default:
        return false;
    }
  }

  const Common& common_;
  std::uint64_t target_;
  std::uint64_t pc_;
  std::uint64_t location_ = 0;
  Row row_;
  Row initial_;
  Row stack_[kMaxRemembered];
  int remembered_ = 0;
};

UnwindRule to_rule(const Row& row) noexcept {
  UnwindRule rule;
  rule.kind = RuleKind::Foreign;
  if (row.return_address.where == Where::Undefined) {
    rule.kind = RuleKind::Last;
    return rule;
  }
  if (row.cfa_odd || row.return_address.where != Where::AtCfa ||
      row.return_address.offset != -8 ||
      row.cfa_offset != static_cast<std::int32_t>(row.cfa_offset)) {
    return rule;
  }
  switch (row.fp.where) {
    case Where::Same:
    case Where::Undefined:
      break;
    case Where::AtCfa:
      rule.fp_saved = FpSaved::AtCfa;
      break;
    case Where::AtFp:
      rule.fp_saved = FpSaved::AtFp;
      break;
    case Where::Odd:
      return rule;
  }
  rule.fp_words = static_cast<std::int16_t>(row.fp.offset / 8);
  if (std::int64_t{rule.fp_words} * 8 != row.fp.offset) return rule;
  rule.cfa_base = row.cfa_base;
  rule.cfa_offset = static_cast<std::int32_t>(row.cfa_offset);
  rule.kind = RuleKind::Step;
  if (rule.cfa_base == CfaBase::Sp && rule.fp_saved != FpSaved::AtFp &&
      rule.cfa_offset > 0 && rule.cfa_offset % 8 == 0) {
    rule.kind = RuleKind::Plain;
  }
  return rule;
}

// The frame description entry for `pc`, or nullptr.  `foreign`: the table is
// of a kind that we do not read.
const std::uint8_t* find_entry(const std::uint8_t* header, std::uint64_t pc,
                               bool& foreign) noexcept {
  Cursor cursor(header);
  const auto version = cursor.take<std::uint8_t>();
  const auto frame_encoding = cursor.take<std::uint8_t>();
  const auto count_encoding = cursor.take<std::uint8_t>();
  const auto table_encoding = cursor.take<std::uint8_t>();
  std::uint64_t frames = 0;
  std::uint64_t count = 0;
  foreign = version != 1 || count_encoding == kOmitted ||
            table_encoding != kTableEncoding ||
            !cursor.take_pointer(frame_encoding, frames) ||
            !cursor.take_pointer(count_encoding, count);
  if (foreign) return nullptr;
  const std::uint8_t* table = cursor.at();
  const auto base = reinterpret_cast<std::uint64_t>(header);
  const auto wanted = static_cast<std::int64_t>(pc - base);
  std::uint64_t low = 0;  // the last entry that starts at or before pc
  std::uint64_t high = count;
  while (low < high) {
    const std::uint64_t middle = (low + high) / 2;
    if (load<std::int32_t>(table + middle * 8) <= wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return nullptr;
  return header + load<std::int32_t>(table + (low - 1) * 8 + 4);
}

}  // namespace

UnwindRule read_unwind_rule(std::uint64_t header, std::uint64_t pc,
                            FrameKind kind) noexcept {
  UnwindRule rule;
  if (header == 0) return rule;
  const std::uint64_t target = kind == FrameKind::Interrupted ? pc : pc - 1;
  bool foreign = false;
  const std::uint8_t* entry = find_entry(
      reinterpret_cast<const std::uint8_t*>(header), target, foreign);
  const UnwindRule unknown = rule;
  rule.kind = RuleKind::Foreign;
  if (foreign) return rule;
  if (entry == nullptr) return unknown;

  Cursor cursor(entry);
  const std::uint8_t* end = nullptr;
  if (!take_length(cursor, end)) return rule;
  const std::uint8_t* const id = cursor.at();
  Common common;
  if (!read_common(id - cursor.take<std::uint32_t>(), common)) return rule;
  std::uint64_t start = 0;
  std::uint64_t range = 0;
  if (!cursor.take_pointer(common.encoding, start) ||
      !cursor.take_pointer(common.encoding & 0x0f, range)) {
    return rule;
  }
  if (target < start || target - start >= range) return unknown;
  if (common.is_signal_frame) {
    rule.kind = RuleKind::Signal;
    return rule;
  }
  if (common.has_augmentation_data) {
    const std::uint64_t bytes = cursor.take_uleb();
    cursor.skip(bytes);
  }
  Interpreter interpreter(common, target, pc);
  if (!interpreter.run(common.begin, common.end, start)) return rule;
  interpreter.keep_as_initial();
  if (!interpreter.run(cursor.at(), end, start)) return rule;
  return to_rule(interpreter.row());
}

}  // namespace sagemem
