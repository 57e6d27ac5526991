// SPDX-License-Identifier: Apache-2.0
#include "symbolize/embedded_symbols.h"

#include <algorithm>

namespace sagemem::symbolize {

std::vector<Location> EmbeddedSymbols::lookup(std::uint64_t address) {
  // Frames are kept by their return addresses, one byte behind.
  const std::uint64_t offset = address + 1;
  const auto frame =
      std::lower_bound(module_.frames.begin(), module_.frames.end(), offset,
                       [](const decode::SymbolFrame& one, std::uint64_t value) {
                         return one.offset < value;
                       });
  std::vector<Location> locations;
  if (frame == module_.frames.end() || frame->offset != offset)
    return locations;
  for (const decode::SymbolPlace& place : section_.places_of(*frame)) {
    Location location;
    location.function = place.function;
    location.file = place.file;
    location.line = place.line;
    location.inlined = place.is_inlined;
    locations.push_back(std::move(location));
  }
  return locations;
}

bool EmbeddedSymbols::has_function(std::string_view name) const {
  return std::binary_search(module_.functions.begin(), module_.functions.end(),
                            name);
}

std::vector<std::string> EmbeddedSymbols::functions() const {
  return {module_.functions.begin(), module_.functions.end()};
}

SymbolSummary EmbeddedSymbols::summary() {
  return {.state = module_.state,
          .has_lines = module_.has_lines,
          .has_symbols = module_.has_symbols,
          .reason = reason()};
}

}  // namespace sagemem::symbolize
