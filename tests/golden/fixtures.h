// SPDX-License-Identifier: Apache-2.0
//
// Small runs whose reports are kept under expected/: written as text, with
// names for their frames, so that nothing on the machine has a say in them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "symbolize/location.h"

namespace sagemem::test {

struct Fixture {
  std::string name;
  std::vector<std::uint8_t> trace;
  // The names of the program counters, innermost first.
  std::map<std::uint64_t, std::vector<symbolize::Location>> names;
};

[[nodiscard]] std::vector<std::string> fixture_names();
// Throws std::invalid_argument for a name that there is none of.
[[nodiscard]] Fixture make_fixture(const std::string& name);

}  // namespace sagemem::test
