// SPDX-License-Identifier: Apache-2.0
//
// Names, lines and source lines to the symbols of a trace; mirror of
// decode/symbol_section, field by field.
//
// Texts are written once each, however many frames share them: that is most of
// what compressing would have to find.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "decode/symbol_section.h"

namespace sagemem::pack {

class SymbolWriter {
 public:
  SymbolWriter() { static_cast<void>(number_of("")); }

  // The places of `section` are those that the module's frames point to.
  // Frames go by offset.
  void add_module(const decode::SymbolModule& module,
                  const std::vector<decode::SymbolPlace>& places);
  void add_source_line(const decode::SourceLine& line);

  // Header and all.  Throws std::length_error when it is too long to be read
  // again.
  [[nodiscard]] std::vector<std::uint8_t> finish() const;

 private:
  using Bytes = std::vector<std::uint8_t>;

  std::uint64_t number_of(std::string_view text);
  void add_frame(const decode::SymbolFrame& frame, std::uint64_t before,
                 const std::vector<decode::SymbolPlace>& places);

  std::map<std::string, std::uint64_t, std::less<>> numbers_;
  Bytes texts_;
  Bytes modules_;
  Bytes lines_;
  std::uint64_t module_count_ = 0;
  std::uint64_t line_count_ = 0;
};

}  // namespace sagemem::pack
