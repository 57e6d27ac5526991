// SPDX-License-Identifier: Apache-2.0
#include "decode/symbol_section.h"

#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "sagemem/trace/format.h"
#include "sagemem/trace/wire.h"

namespace sagemem::decode {
namespace {

using trace::SymbolsHeader;

// Memory grows with what really comes out of the frame, not with the claim.
std::vector<std::uint8_t> uncompress(std::span<const std::uint8_t> frame,
                                     std::size_t claimed) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(
      ZSTD_createDCtx(), &ZSTD_freeDCtx);
  std::vector<std::uint8_t> content;
  if (context == nullptr) return content;
  ZSTD_inBuffer in{frame.data(), frame.size(), 0};
  std::size_t left = 1;
  while (left != 0) {
    const std::size_t before = content.size();
    if (before > claimed) break;
    content.resize(before + ZSTD_DStreamOutSize());
    ZSTD_outBuffer out{content.data() + before, content.size() - before, 0};
    left = ZSTD_decompressStream(context.get(), &out, &in);
    content.resize(before + out.pos);
    const bool is_stuck = out.pos == 0 && in.pos == in.size && left != 0;
    if (ZSTD_isError(left) != 0 || is_stuck) break;
  }
  if (left != 0 || content.size() != claimed) content.clear();
  return content;
}

class Parser {
 public:
  explicit Parser(SymbolSection& section)
      : section_(section),
        in_(section.content.data()),
        end_(in_ + section.content.size()) {}

  bool run() {
    read_list(1, [this] { texts_.push_back(bytes()); });
    read_list(7, [this] { read_module(); });
    read_list(3, [this] {
      SourceLine line;
      line.file = text();
      line.line = small_number();
      line.text = text();
      section_.source_lines.push_back(line);
    });
    return ok_;
  }

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    const std::uint8_t* next =
        ok_ ? trace::get_varint(in_, end_, value) : nullptr;
    ok_ = next != nullptr;
    if (ok_) in_ = next;
    return ok_ ? value : 0;
  }

  std::uint32_t small_number() {
    const std::uint64_t value = number();
    if (value > UINT32_MAX) ok_ = false;
    return ok_ ? static_cast<std::uint32_t>(value) : 0;
  }

  std::string_view bytes() {
    const std::uint64_t count = number();
    if (count > static_cast<std::uint64_t>(end_ - in_)) ok_ = false;
    if (!ok_) return {};
    const std::string_view result(reinterpret_cast<const char*>(in_),
                                  static_cast<std::size_t>(count));
    in_ += count;
    return result;
  }

  std::string_view text() {
    const std::uint64_t index = number();
    if (index >= texts_.size()) ok_ = false;
    return ok_ ? texts_[static_cast<std::size_t>(index)] : std::string_view();
  }

  // An entry takes at least so many bytes: more cannot be there.
  template <typename Read>
  std::uint64_t read_list(std::uint64_t least_bytes, Read read) {
    const std::uint64_t count = number();
    if (count > static_cast<std::uint64_t>(end_ - in_) / least_bytes) {
      ok_ = false;
    }
    for (std::uint64_t i = 0; ok_ && i < count; ++i) read();
    return count;
  }

  void read_module() {
    SymbolModule module;
    module.path = text();
    const std::string_view id = bytes();
    if (id.size() > trace::kMaxBuildIdBytes) ok_ = false;
    module.build_id = {reinterpret_cast<const std::uint8_t*>(id.data()),
                       id.size()};
    module.state = static_cast<trace::SymbolState>(small_number());
    const std::uint64_t flags = number();
    module.has_lines = (flags & trace::kModuleHasLines) != 0;
    module.has_symbols = (flags & trace::kModuleHasSymbols) != 0;
    module.reason = text();
    read_list(1, [&] { module.functions.push_back(text()); });
    std::sort(module.functions.begin(), module.functions.end());
    std::uint64_t offset = 0;
    read_list(2, [&] { offset = read_frame(module, offset); });
    std::stable_sort(module.frames.begin(), module.frames.end(),
                     [](const SymbolFrame& a, const SymbolFrame& b) {
                       return a.offset < b.offset;
                     });
    section_.modules.push_back(std::move(module));
  }

  std::uint64_t read_frame(SymbolModule& module, std::uint64_t before) {
    SymbolFrame frame;
    frame.offset = before + number();  // wraps in a hostile file: no harm
    frame.first_place = static_cast<std::uint32_t>(section_.places.size());
    frame.place_count = static_cast<std::uint32_t>(read_list(4, [this] {
      SymbolPlace place;
      place.function = text();
      place.file = text();
      place.line = small_number();
      place.is_inlined = (number() & trace::kPlaceIsInlined) != 0;
      section_.places.push_back(place);
    }));
    module.frames.push_back(frame);
    return frame.offset;
  }

  SymbolSection& section_;
  const std::uint8_t* in_;
  const std::uint8_t* end_;
  std::vector<std::string_view> texts_;
  bool ok_ = true;
};

}  // namespace

std::vector<std::uint8_t> read_symbol_bytes(const ByteSource& source,
                                            std::uint64_t offset) {
  SymbolsHeader head{};
  std::uint8_t start[sizeof head];
  if (offset > source.size() || source.read(offset, start) != sizeof head) {
    return {};
  }
  std::memcpy(&head, start, sizeof head);
  const std::uint64_t left = source.size() - offset - sizeof head;
  if (head.magic != trace::kSymbolsMagic || head.frame_bytes > left) return {};
  std::vector<std::uint8_t> bytes(sizeof head +
                                  static_cast<std::size_t>(head.frame_bytes));
  const bool is_whole =
      source.read(offset, bytes) == bytes.size() &&
      XXH3_64bits(bytes.data() + sizeof head, bytes.size() - sizeof head) ==
          head.checksum;
  return is_whole ? bytes : std::vector<std::uint8_t>();
}

std::unique_ptr<const SymbolSection> parse_symbols(
    std::span<const std::uint8_t> section) {
  SymbolsHeader head{};
  if (section.size() < sizeof head) return nullptr;
  std::memcpy(&head, section.data(), sizeof head);
  if (head.content_bytes == 0 ||
      head.content_bytes > trace::kMaxSymbolsContent) {
    return nullptr;
  }
  auto result = std::make_unique<SymbolSection>();
  result->content =
      uncompress(section.subspan(sizeof head), head.content_bytes);
  if (result->content.empty() || !Parser(*result).run()) return nullptr;
  return result;
}

}  // namespace sagemem::decode
