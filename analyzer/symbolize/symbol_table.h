// SPDX-License-Identifier: Apache-2.0
//
// The code symbols of one module, sorted, one name for each address.
//
// A symbol covers [address, address + size).  Hand-written assembly has symbols
// of size 0: such a one covers what lies before the next symbol of its section,
// and only where no sized symbol does.  An address behind the last byte of the
// nearest symbol has no name: a stripped library has a handful of symbols, and
// the nearest one below is nearly always the wrong one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct Dwfl_Module;

namespace sagemem::symbolize {

struct Symbol {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint32_t section = 0;
  unsigned char binding = 0;  // STB_*
  const char* name = "";      // in the mapped file
};

class SymbolTable {
 public:
  // Reads .symtab (of the file or its debug file) or else .dynsym.
  explicit SymbolTable(Dwfl_Module* module);

  // The symbol that covers the address, or nullptr.
  [[nodiscard]] const Symbol* find(std::uint64_t address) const;
  // Whether one is called so, clones of the compiler's included.
  [[nodiscard]] bool has(std::string_view name) const;
  // What has() says yes to, sorted.
  [[nodiscard]] std::vector<std::string> functions() const;
  [[nodiscard]] bool empty() const { return symbols_.empty(); }

 private:
  void read(Dwfl_Module* module);
  void keep_best_aliases();

  std::vector<Symbol> symbols_;  // by address
};

}  // namespace sagemem::symbolize
