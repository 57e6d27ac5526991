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
  // "shape::(anonymous namespace)::", by the offset of the entry.
  std::unordered_map<Dwarf_Off, std::uint32_t> prefix_of_;
  std::vector<std::string> prefixes_;
};

}  // namespace sagemem::symbolize
