// SPDX-License-Identifier: Apache-2.0
//
// A place in the source, as far as the symbols tell: what one machine frame, or
// one function inlined into it, is called by its author.
#pragma once

#include <cstdint>
#include <string>

namespace sagemem::symbolize {

struct Location {
  std::string function;  // demangled; "" when no symbol covers the address
  std::string file;      // as the compiler wrote it; "" without line table
  std::uint32_t line = 0;
  std::string module;        // path as recorded; "" for code of no module
  std::uint64_t offset = 0;  // ELF address of the call; only without function
  bool inlined = false;      // has no frame of its own: part of the next one

  // What analyses group by and reports print: "module.so+0x1234" when there is
  // no function.  Never an address that changes from run to run.
  [[nodiscard]] std::string name() const;

  friend bool operator==(const Location&, const Location&) = default;
};

// The part of a path behind the last slash.
[[nodiscard]] std::string base_name(const std::string& path);

}  // namespace sagemem::symbolize
