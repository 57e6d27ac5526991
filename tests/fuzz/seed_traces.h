// SPDX-License-Identifier: Apache-2.0
//
// The seed corpus of the fuzzer, made rather than stored: a format that changes
// would leave stored seeds behind without anyone noticing.
#pragma once

#include <cstdint>
#include <vector>

namespace sagemem::test {

// Folded traces (folded_source.h), each with something of its own.
std::vector<std::vector<std::uint8_t>> seed_traces();

}  // namespace sagemem::test
