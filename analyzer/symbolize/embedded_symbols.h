// SPDX-License-Identifier: Apache-2.0
//
// The names of one module as they stand in the trace.  Answers what its file
// answered when they were put there: reports are the same, byte for byte.
#pragma once

#include "decode/symbol_section.h"
#include "symbolize/module_names.h"

namespace sagemem::symbolize {

class EmbeddedSymbols final : public ModuleNames {
 public:
  // Both must outlive it.
  EmbeddedSymbols(const decode::SymbolSection& section,
                  const decode::SymbolModule& module)
      : section_(section), module_(module) {}

  [[nodiscard]] std::vector<Location> lookup(std::uint64_t address) override;
  [[nodiscard]] bool has_function(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> functions() const override;
  [[nodiscard]] SymbolSummary summary() override;
  [[nodiscard]] SymbolState state() const override { return module_.state; }
  [[nodiscard]] std::string reason() const override {
    return std::string(module_.reason);
  }

 private:
  const decode::SymbolSection& section_;
  const decode::SymbolModule& module_;
};

}  // namespace sagemem::symbolize
