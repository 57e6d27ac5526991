// SPDX-License-Identifier: Apache-2.0
//
// What one module says of its addresses, wherever that comes from: its file
// (ModuleSymbols), or what was put into the trace while the file was at hand
// (EmbeddedSymbols).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sagemem/trace/symbols.h"
#include "symbolize/location.h"

namespace sagemem::symbolize {

using trace::SymbolState;

// What is known about the names of one module, for `info`.
struct SymbolSummary {
  SymbolState state = SymbolState::NoFile;
  bool has_lines = false;    // DWARF, in the file or beside it
  bool has_symbols = false;  // .symtab or .dynsym
  std::string reason;        // why not, when not usable
};

class ModuleNames {
 public:
  ModuleNames() = default;
  ModuleNames(const ModuleNames&) = delete;
  ModuleNames& operator=(const ModuleNames&) = delete;
  virtual ~ModuleNames() = default;

  // The places that an ELF address stands for: inlined functions innermost
  // first, then the function that was called.  Empty when nothing is known.
  // `module` and `offset` of the result are left to the caller.
  [[nodiscard]] virtual std::vector<Location> lookup(std::uint64_t address) = 0;

  // Whether the symbol table names it; false before the first question about
  // an address.
  [[nodiscard]] virtual bool has_function(std::string_view name) const = 0;
  // All of them, sorted, without what has_function() takes no notice of.
  [[nodiscard]] virtual std::vector<std::string> functions() const = 0;

  [[nodiscard]] virtual SymbolSummary summary() = 0;
  // The same without a look at the symbols.
  [[nodiscard]] virtual SymbolState state() const = 0;
  [[nodiscard]] virtual std::string reason() const = 0;
};

}  // namespace sagemem::symbolize
