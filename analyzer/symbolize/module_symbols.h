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

#include "symbolize/file_search.h"
#include "symbolize/module_names.h"

struct Dwfl;
struct Dwfl_Module;

namespace sagemem::symbolize {

class SymbolTable;
class UnitIndex;

class ModuleSymbols final : public ModuleNames {
 public:
  ModuleSymbols(const std::string& path, const BuildId& build_id,
                const FileSearch& search = {});
  ~ModuleSymbols() override;

  [[nodiscard]] std::vector<Location> lookup(std::uint64_t address) override;
  [[nodiscard]] bool has_function(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> functions() const override;
  [[nodiscard]] SymbolState state() const override { return state_; }
  [[nodiscard]] std::string reason() const override { return reason_; }
  [[nodiscard]] SymbolSummary summary() override;

 private:
  class Finder;
  struct DwflDeleter {
    void operator()(Dwfl* dwfl) const;
  };

  bool open(const std::string& path, const BuildId& build_id);
  bool has_build_id(const BuildId& build_id) const;
  void refuse(SymbolState state, const std::string& reason);
  void load();

  SymbolState state_ = SymbolState::NoFile;
  std::string reason_;
  // Asked by libdwfl for the debug file; declared before dwfl_, which points to
  // it.
  std::unique_ptr<Finder> finder_;
  std::unique_ptr<Dwfl, DwflDeleter> dwfl_;
  Dwfl_Module* module_ = nullptr;  // owned by dwfl_
  bool loaded_ = false;
  std::unique_ptr<SymbolTable> symbols_;
  std::unique_ptr<UnitIndex> units_;  // null: no DWARF
};

}  // namespace sagemem::symbolize
