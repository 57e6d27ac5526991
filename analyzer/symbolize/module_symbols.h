// SPDX-License-Identifier: Apache-2.0
//
// Everything that one ELF file and its separate debug file say about an
// address: function, file, line, inlined functions.
//
// Order of preference for the name of a machine frame: the linkage name in the
// DWARF, .symtab, .dynsym.  Read lazily: opening a file reads its notes, the
// first question its symbols, a question about a unit that unit alone.
//
// Hazards.  (1) The file may not be the one that ran: it is asked for names
// only when its build id is the recorded one.  (2) libdwfl looks a symbol up by
// a scan of the whole table and a scope by a scan of the whole unit; with
// thousands of frames that is minutes, so both are indexed once (SymbolTable,
// UnitIndex).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "symbolize/location.h"

struct Dwfl;
struct Dwfl_Module;

namespace sagemem::symbolize {

class SymbolTable;
class UnitIndex;

enum class SymbolState {
  Usable,      // the recorded file, or one that nothing speaks against
  NoFile,      // the name leads to no file that can be read
  NotElf,      // a file, but not of this kind
  OtherBuild,  // build ids differ: changed since, or another machine
};

// What is known about the names of one module, for `info`.
struct SymbolSummary {
  SymbolState state = SymbolState::NoFile;
  bool has_lines = false;    // DWARF, in the file or beside it
  bool has_symbols = false;  // .symtab or .dynsym
  std::string reason;        // why not, when not usable
};

class ModuleSymbols {
 public:
  ModuleSymbols(const std::string& path,
                const std::vector<std::uint8_t>& build_id);
  ~ModuleSymbols();
  ModuleSymbols(const ModuleSymbols&) = delete;
  ModuleSymbols& operator=(const ModuleSymbols&) = delete;

  // The places that an ELF address stands for: inlined functions innermost
  // first, then the function that was called.  Empty when nothing is known.
  // `module` and `offset` of the result are left to the caller.
  [[nodiscard]] std::vector<Location> lookup(std::uint64_t address);

  // Whether the symbol table names it; false before the first question about
  // an address.
  [[nodiscard]] bool has_function(std::string_view name) const;

  [[nodiscard]] SymbolState state() const { return state_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] SymbolSummary summary();

 private:
  struct DwflDeleter {
    void operator()(Dwfl* dwfl) const;
  };

  void open(const std::string& path, const std::vector<std::uint8_t>& build_id);
  bool has_build_id(const std::vector<std::uint8_t>& build_id) const;
  void load();

  SymbolState state_ = SymbolState::NoFile;
  std::string reason_;
  std::unique_ptr<Dwfl, DwflDeleter> dwfl_;
  Dwfl_Module* module_ = nullptr;  // owned by dwfl_
  bool loaded_ = false;
  std::unique_ptr<SymbolTable> symbols_;
  std::unique_ptr<UnitIndex> units_;  // null: no DWARF
};

}  // namespace sagemem::symbolize
