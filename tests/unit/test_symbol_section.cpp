// SPDX-License-Identifier: Apache-2.0
//
// The symbols of a trace: what is written is what is read; whatever else is
// there is none, or is read without harm, and names no text that is not in it.
#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>

#include "decode/symbol_section.h"
#include "pack/symbol_writer.h"

namespace {

using namespace sagemem;
using Bytes = std::vector<std::uint8_t>;

const Bytes kBuildId = {0x24, 0xde, 0x62};

Bytes make_section() {
  const std::vector<decode::SymbolPlace> places = {
      {"push_back", "vector.h", 1287, true},
      {"fill", "tree.c", 88, true},
      {"build_tree", "tree.c", 102, false},
      {"main", "", 0, false},
  };
  decode::SymbolModule module;
  module.path = "/usr/bin/sage";
  module.build_id = kBuildId;
  module.state = trace::SymbolState::Usable;
  module.has_lines = true;
  module.functions = {"build_tree", "main"};
  module.frames = {{0x1000, 0, 3}, {0x2000, 3, 1}};
  decode::SymbolModule gone;
  gone.path = "/lib/gone.so";
  gone.reason = "No such file or directory";
  pack::SymbolWriter writer;
  writer.add_module(module, places);
  writer.add_module(gone, places);
  writer.add_source_line({"tree.c", 88, "names.push_back(name);"});
  return writer.finish();
}

// A section around any content, with a checksum that fits.
Bytes wrap(const Bytes& content, std::size_t claimed) {
  Bytes section(sizeof(trace::SymbolsHeader) +
                ZSTD_compressBound(content.size()));
  std::uint8_t* const frame = section.data() + sizeof(trace::SymbolsHeader);
  const std::size_t bytes =
      ZSTD_compress(frame, section.size() - sizeof(trace::SymbolsHeader),
                    content.data(), content.size(), 1);
  section.resize(sizeof(trace::SymbolsHeader) + bytes);
  const trace::SymbolsHeader header{trace::kSymbolsMagic,
                                    static_cast<std::uint32_t>(claimed), bytes,
                                    XXH3_64bits(frame, bytes)};
  std::memcpy(section.data(), &header, sizeof header);
  return section;
}

// Every text lies within the content, or is empty.
void check_texts(const decode::SymbolSection& section) {
  const auto* const begin =
      reinterpret_cast<const char*>(section.content.data());
  const char* const end = begin + section.content.size();
  const auto check = [&](std::string_view text) {
    if (text.empty()) return;
    REQUIRE(text.data() >= begin);
    REQUIRE(text.data() + text.size() <= end);
  };
  for (const auto& module : section.modules) {
    check(module.path);
    check(module.reason);
    for (const auto name : module.functions) check(name);
    for (const auto& frame : module.frames)
      for (const auto& place : section.places_of(frame)) {
        check(place.function);
        check(place.file);
      }
  }
  for (const auto& line : section.source_lines) check(line.text);
}

TEST_CASE("symbols are read as they were written", "[symbols]") {
  const Bytes bytes = make_section();
  const auto section = decode::parse_symbols(bytes);
  REQUIRE(section != nullptr);
  REQUIRE(section->modules.size() == 2);
  const decode::SymbolModule& module = section->modules[0];
  CHECK(module.path == "/usr/bin/sage");
  CHECK(Bytes(module.build_id.begin(), module.build_id.end()) == kBuildId);
  CHECK(module.state == trace::SymbolState::Usable);
  CHECK(module.has_lines);
  CHECK_FALSE(module.has_symbols);
  CHECK(module.functions ==
        std::vector<std::string_view>{"build_tree", "main"});
  REQUIRE(module.frames.size() == 2);
  CHECK(module.frames[1].offset == 0x2000);
  const auto places = section->places_of(module.frames[0]);
  REQUIRE(places.size() == 3);
  CHECK(places[1].function == "fill");
  CHECK(places[1].line == 88);
  CHECK(places[1].is_inlined);
  CHECK_FALSE(places[2].is_inlined);
  CHECK(section->modules[1].reason == "No such file or directory");
  CHECK(section->modules[1].state == trace::SymbolState::NoFile);
  REQUIRE(section->source_lines.size() == 1);
  CHECK(section->source_lines[0].text == "names.push_back(name);");
}

TEST_CASE("symbols that are cut anywhere are none", "[symbols]") {
  const Bytes bytes = make_section();
  const Bytes content = decode::parse_symbols(bytes)->content;
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(decode::parse_symbols({bytes.data(), size}) == nullptr);
  // The same one level deeper.
  for (std::size_t size = 0; size < content.size(); ++size) {
    const Bytes part(content.begin(),
                     content.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(decode::parse_symbols(wrap(part, size)) == nullptr);
  }
  CHECK(decode::parse_symbols(wrap(content, content.size())) != nullptr);
  CHECK(decode::parse_symbols(wrap(content, content.size() - 1)) == nullptr);
  CHECK(decode::parse_symbols(wrap(content, content.size() + 1)) == nullptr);
  CHECK(decode::parse_symbols(wrap(content, UINT32_MAX)) == nullptr);
}

TEST_CASE("hostile symbols do no harm", "[symbols]") {
  const Bytes content = decode::parse_symbols(make_section())->content;
  std::mt19937 random(7);
  std::uniform_int_distribution<std::size_t> position(0, content.size() - 1);
  std::uniform_int_distribution<unsigned> byte(0, 255);
  std::size_t read = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes mutant = content;
    for (int i = round % 4; i >= 0; --i)
      mutant[position(random)] = static_cast<std::uint8_t>(byte(random));
    const auto section = decode::parse_symbols(wrap(mutant, mutant.size()));
    if (section == nullptr) continue;
    ++read;
    check_texts(*section);
  }
  CHECK(read > 0);
}

}  // namespace
