// SPDX-License-Identifier: Apache-2.0
#include "scope/module_scan.h"

#include <algorithm>
#include <cstring>

#include "scope/instruction.h"

namespace sagemem {

namespace {

// Of two bytes with a distance of 8 bits.
constexpr std::uint64_t kNear = 128 + 2;
// Beyond that it would take too long.
constexpr std::size_t kMaxCode = std::size_t{256} << 20;

std::int32_t read_32(const std::uint8_t* at) noexcept {
  std::int32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

class Search {
 public:
  Search(const ElfImage& image, WrittenRange* ranges,
         std::size_t count) noexcept
      : image_(image), ranges_(ranges), count_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      lowest_ = std::min(lowest_, ranges[i].start);
      highest_ = std::max(highest_, ranges[i].end);
    }
  }

  void far() noexcept {
    const std::uint64_t start = image_.segment_start(lowest_);
    const std::size_t bytes = image_.code_left(start);
    const std::uint8_t* code = image_.code(start, bytes);
    if (code == nullptr || bytes > kMaxCode) return;
    for (std::size_t i = 0; i + 6 <= bytes; ++i) {
      const std::uint8_t byte = code[i];
      std::size_t length = 0;
      if (byte == 0xe8 || byte == 0xe9) length = 5;
      if (byte == 0x0f && (code[i + 1] & 0xf0) == 0x80) length = 6;
      if (length == 0) continue;
      const std::int64_t distance = read_32(code + i + length - 4);
      note(start + i,
           start + i + length + static_cast<std::uint64_t>(distance));
    }
  }

  // In functions that begin or end near a range.
  void near() noexcept {
    const ElfImage::Symbols& symbols = image_.symbols();
    for (std::size_t i = 0; i < symbols.count; ++i) {
      const Elf64_Sym symbol = symbols.at(i);
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_size == 0 ||
          !is_near(symbol.st_value, symbol.st_size)) {
        continue;
      }
      const std::uint8_t* code = image_.code(symbol.st_value, symbol.st_size);
      if (code != nullptr) decode_all(symbol.st_value, code, symbol.st_size);
    }
  }

 private:
  [[nodiscard]] bool is_near(std::uint64_t start,
                             std::uint64_t bytes) const noexcept {
    for (std::size_t r = 0; r < count_; ++r) {
      const WrittenRange& range = ranges_[r];
      if (start != range.function && start < range.end + kNear &&
          start + bytes + kNear > range.start) {
        return true;
      }
    }
    return false;
  }

  void decode_all(std::uint64_t start, const std::uint8_t* code,
                  std::size_t bytes) noexcept {
    Instruction it;
    for (std::size_t at = 0; at < bytes; at += it.length) {
      if (!decode(code + at, bytes - at, it)) return;
      if (it.branch_bytes != 1) continue;
      note(start + at, start + at + it.length +
                           static_cast<std::uint64_t>(
                               static_cast<std::int64_t>(it.branch)));
    }
  }

  void note(std::uint64_t from, std::uint64_t target) noexcept {
    if (target < lowest_ || target >= highest_) return;
    for (std::size_t r = 0; r < count_; ++r) {
      WrittenRange& range = ranges_[r];
      const bool is_own = from >= range.function && from < range.function_end;
      const bool is_call = range.begins_function && target == range.start;
      if (target >= range.start && target < range.end && !is_own && !is_call) {
        range.is_branched_into = true;
      }
    }
  }

  const ElfImage& image_;
  WrittenRange* ranges_;
  std::size_t count_;
  std::uint64_t lowest_ = ~std::uint64_t{0};
  std::uint64_t highest_ = 0;
};

}  // namespace

void find_branches_into(const ElfImage& image, WrittenRange* ranges,
                        std::size_t count) noexcept {
  if (count == 0) return;
  Search search(image, ranges, count);
  search.far();
  search.near();
}

std::size_t count_padding(const std::uint8_t* code,
                          std::size_t bytes) noexcept {
  std::size_t at = 0;
  while (at < bytes) {
    Instruction it;
    if (code[at] == 0) {
      ++at;
      continue;
    }
    if (!decode(code + at, bytes - at, it) || !is_padding(code + at, it)) break;
    at += it.length;
  }
  return at;
}

}  // namespace sagemem
