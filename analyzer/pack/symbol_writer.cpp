// SPDX-License-Identifier: Apache-2.0
#include "pack/symbol_writer.h"

#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <new>
#include <stdexcept>

#include "sagemem/trace/wire.h"

namespace sagemem::pack {
namespace {

using Bytes = std::vector<std::uint8_t>;
using trace::SymbolsHeader;

constexpr int kLevel = 12;  // as packs have it

void put(Bytes& out, std::uint64_t number) {
  std::uint8_t bytes[trace::kMaxVarintBytes];
  out.insert(out.end(), bytes, trace::put_varint(bytes, number));
}

void put_bytes(Bytes& out, std::span<const std::uint8_t> bytes) {
  put(out, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::uint64_t SymbolWriter::number_of(std::string_view text) {
  const auto known = numbers_.find(text);
  if (known != numbers_.end()) return known->second;
  put_bytes(texts_,
            {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return numbers_.emplace(text, numbers_.size()).first->second;
}

void SymbolWriter::add_module(const decode::SymbolModule& module,
                              const std::vector<decode::SymbolPlace>& places) {
  ++module_count_;
  put(modules_, number_of(module.path));
  put_bytes(modules_, module.build_id);
  put(modules_, static_cast<std::uint64_t>(module.state));
  put(modules_, (module.has_lines ? trace::kModuleHasLines : 0) |
                    (module.has_symbols ? trace::kModuleHasSymbols : 0));
  put(modules_, number_of(module.reason));
  put(modules_, module.functions.size());
  for (const std::string_view function : module.functions)
    put(modules_, number_of(function));
  put(modules_, module.frames.size());
  std::uint64_t before = 0;
  for (const decode::SymbolFrame& frame : module.frames) {
    add_frame(frame, before, places);
    before = frame.offset;
  }
}

void SymbolWriter::add_frame(const decode::SymbolFrame& frame,
                             std::uint64_t before,
                             const std::vector<decode::SymbolPlace>& places) {
  put(modules_, frame.offset - before);
  put(modules_, frame.place_count);
  for (std::uint32_t i = 0; i < frame.place_count; ++i) {
    const decode::SymbolPlace& place = places[frame.first_place + i];
    put(modules_, number_of(place.function));
    put(modules_, number_of(place.file));
    put(modules_, place.line);
    put(modules_, place.is_inlined ? trace::kPlaceIsInlined : 0);
  }
}

void SymbolWriter::add_source_line(const decode::SourceLine& line) {
  ++line_count_;
  put(lines_, number_of(line.file));
  put(lines_, line.line);
  put(lines_, number_of(line.text));
}

std::vector<std::uint8_t> SymbolWriter::finish() const {
  Bytes content;
  put(content, numbers_.size());
  content.insert(content.end(), texts_.begin(), texts_.end());
  put(content, module_count_);
  content.insert(content.end(), modules_.begin(), modules_.end());
  put(content, line_count_);
  content.insert(content.end(), lines_.begin(), lines_.end());
  if (content.size() > trace::kMaxSymbolsContent)
    throw std::length_error("more names than a trace can hold");
  Bytes section(sizeof(SymbolsHeader) + ZSTD_compressBound(content.size()));
  std::uint8_t* const frame = section.data() + sizeof(SymbolsHeader);
  const std::size_t bytes =
      ZSTD_compress(frame, section.size() - sizeof(SymbolsHeader),
                    content.data(), content.size(), kLevel);
  // With room for the worst case only memory can be short.
  if (ZSTD_isError(bytes) != 0) throw std::bad_alloc();
  section.resize(sizeof(SymbolsHeader) + bytes);
  SymbolsHeader header{};
  header.magic = trace::kSymbolsMagic;
  header.content_bytes = static_cast<std::uint32_t>(content.size());
  header.frame_bytes = bytes;
  header.checksum = XXH3_64bits(frame, bytes);
  std::memcpy(section.data(), &header, sizeof header);
  return section;
}

}  // namespace sagemem::pack
