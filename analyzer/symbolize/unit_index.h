// SPDX-License-Identifier: Apache-2.0
//
// Finds the functions and lines that an address belongs to in the DWARF of one
// module.
//
//   address -> unit       ranges of all units, sorted; read once
//           -> functions  UnitFunctions, made on the first question about the
//                         unit
//           -> line       line table of the unit
//
// An inlined call is a function of its own to the reader.  Each place carries
// the line that executes in it: the innermost one from the line table, the
// others from DW_AT_call_line of the call that they contain.
//
// Own ranges instead of .debug_aranges, because clang writes none.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "symbolize/address_ranges.h"
#include "symbolize/unit_functions.h"

namespace sagemem::symbolize {

class UnitIndex {
 public:
  struct Place {
    FunctionName function;
    std::string file;
    std::uint32_t line = 0;
  };

  // `bias` is what libdwfl adds to the addresses of `dwarf`.
  UnitIndex(Dwarf* dwarf, Dwarf_Addr bias);

  // Innermost first; empty when no unit covers the address.
  [[nodiscard]] std::vector<Place> lookup(std::uint64_t address);
  [[nodiscard]] bool empty() const { return units_.empty(); }

 private:
  struct Unit {
    Dwarf_Die entry;  // of the split unit where there is one
    std::unique_ptr<UnitFunctions> functions;
  };

  Dwarf_Addr bias_;
  std::vector<Unit> units_;
  AddressRanges ranges_;  // of units_, by index
};

}  // namespace sagemem::symbolize
