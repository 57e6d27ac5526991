// SPDX-License-Identifier: Apache-2.0
#include "symbolize/location.h"

#include <fmt/format.h>

namespace sagemem::symbolize {

std::string Location::name() const {
  if (!function.empty()) return function;
  if (module.empty()) return "[code of no module]";
  return fmt::format("{}+{:#x}", base_name(module), offset);
}

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace sagemem::symbolize
