// SPDX-License-Identifier: Apache-2.0
//
// The symbols of a trace (sagemem/trace/format.h, SymbolsHeader): what the
// binaries said of its frames while they were at hand; mirror of
// pack/symbol_writer.
//
// Hazard: every number is a claim.  Counts are held against the bytes that are
// left, texts are shared and copied by nobody but their reader, and what makes
// no sense makes the whole section none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "decode/byte_source.h"
#include "sagemem/trace/symbols.h"

namespace sagemem::decode {

struct SymbolPlace {
  std::string_view function;
  std::string_view file;
  std::uint32_t line = 0;
  bool is_inlined = false;
};

struct SymbolFrame {
  std::uint64_t offset = 0;
  std::uint32_t first_place = 0;  // index into SymbolSection::places
  std::uint32_t place_count = 0;
};

struct SymbolModule {
  std::string_view path;
  std::span<const std::uint8_t> build_id;
  trace::SymbolState state = trace::SymbolState::NoFile;
  bool has_lines = false;
  bool has_symbols = false;
  std::string_view reason;
  std::vector<std::string_view> functions;
  std::vector<SymbolFrame> frames;  // by offset
};

struct SourceLine {
  std::string_view file;
  std::uint32_t line = 0;
  std::string_view text;
};

struct SymbolSection {
  std::vector<std::uint8_t> content;  // that all texts are in
  std::vector<SymbolModule> modules;
  std::vector<SymbolPlace> places;
  std::vector<SourceLine> source_lines;

  [[nodiscard]] std::span<const SymbolPlace> places_of(
      const SymbolFrame& frame) const {
    return std::span(places).subspan(frame.first_place, frame.place_count);
  }
};

// The section at `offset`, header and all; empty when there is none or it is
// damaged.
[[nodiscard]] std::vector<std::uint8_t> read_symbol_bytes(
    const ByteSource& source, std::uint64_t offset);

// nullptr when the bytes are no section.
[[nodiscard]] std::unique_ptr<const SymbolSection> parse_symbols(
    std::span<const std::uint8_t> section);

}  // namespace sagemem::decode
