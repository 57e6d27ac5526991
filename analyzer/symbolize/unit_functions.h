// SPDX-License-Identifier: Apache-2.0
//
// The functions of one DWARF unit: which one covers an address, what was
// inlined there, and what they are called.
//
// Functions of internal linkage have no mangled name, and the entry that has a
// name says nothing about the namespace around it: that is remembered from the
// walk which finds the functions, since DWARF has no way from a child to its
// parent.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "symbolize/address_ranges.h"

namespace sagemem::symbolize {

struct FunctionName {
  std::string text;  // mangled where the language mangles
  bool is_mangled = false;
};

class UnitFunctions {
 public:
  explicit UnitFunctions(Dwarf_Die& unit);

  // The function that covers `pc`, then the calls inlined there, outermost
  // first; empty when there is no function.
  [[nodiscard]] std::vector<Dwarf_Die> scopes_at(Dwarf_Addr pc);

  // The name of such a scope.
  [[nodiscard]] FunctionName name(Dwarf_Die& scope) const;

 private:
  class Collector;

  std::vector<Dwarf_Die> functions_;
  AddressRanges ranges_;  // of functions_, by index
  [[nodiscard]] std::string prefix_of(Dwarf_Die& function) const;

  // What a name stands in: a namespace, a class, a function.
  struct Scope {
    std::uint32_t outer = 0;
    const char* name = "";  // in the mapped file
  };

  std::vector<Scope> scopes_;  // the first one is the unit itself
  std::unordered_map<Dwarf_Off, std::uint32_t> scope_of_;  // by entry's offset
};

}  // namespace sagemem::symbolize
