// SPDX-License-Identifier: Apache-2.0
//
// The seeds of fuzz_profile, in place of traces: the built-in profiles.
#include "rules/built_in.h"
#include "seed_traces.h"

namespace sagemem::test {

std::vector<std::vector<std::uint8_t>> seed_traces() {
  std::vector<std::vector<std::uint8_t>> seeds;
  for (const rules::BuiltInProfile& one : rules::built_in_profiles()) {
    seeds.emplace_back(one.text.begin(), one.text.end());
  }
  return seeds;
}

}  // namespace sagemem::test
