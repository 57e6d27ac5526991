// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <vector>

#include "capture/dwarf_expression.h"

using sagemem::ExpressionValue;

namespace {

ExpressionValue value_of(const std::vector<std::uint8_t>& operations,
                         std::uint64_t pc = 0x1000) {
  std::vector<std::uint8_t> block = {
      static_cast<std::uint8_t>(operations.size())};
  for (const std::uint8_t operation : operations) block.push_back(operation);
  sagemem::Cursor cursor(block.data());
  const ExpressionValue value = sagemem::take_expression(cursor, pc);
  CHECK(cursor.at() == block.data() + block.size());
  return value;
}

}  // namespace

TEST_CASE("a procedure linkage table's CFA depends on the pc", "[dwarf]") {
  const std::vector<std::uint8_t> plt = {0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a,
                                         0x3b, 0x2a, 0x33, 0x24, 0x22};
  for (const std::uint64_t pc : {0x1000, 0x100a, 0x100b, 0x100f}) {
    const ExpressionValue value = value_of(plt, pc);
    CHECK(value.is_known);
    CHECK(value.base == sagemem::kSp);
    CHECK_FALSE(value.is_word);
    CHECK(value.offset == (pc % 16 >= 11 ? 16 : 8));
  }
}

TEST_CASE("a realigned frame's CFA is a word", "[dwarf]") {
  const ExpressionValue value = value_of({0x76, 0x78, 0x06});
  CHECK(value.is_known);
  CHECK(value.is_word);
  CHECK(value.base == sagemem::kFp);
  CHECK(value.offset == -8);
}

TEST_CASE("what is no rule is not known", "[dwarf]") {
  CHECK_FALSE(value_of({}).is_known);
  CHECK_FALSE(value_of({0x06}).is_known);        // deref of nothing
  CHECK_FALSE(value_of({0x31, 0x06}).is_known);  // of a constant
  CHECK_FALSE(value_of({0x77, 0x00, 0x06, 0x23, 0x08}).is_known);
  CHECK_FALSE(value_of({0x22}).is_known);
  CHECK_FALSE(value_of({0x31, 0x77, 0x00, 0x22}).is_known);
  CHECK_FALSE(value_of({0xe0}).is_known);
  CHECK_FALSE(value_of(std::vector<std::uint8_t>(9, 0x31)).is_known);
}
