// SPDX-License-Identifier: Apache-2.0
//
// The words of a ScanWords record, and the registers of a ScanThread record,
// one by one; the mirror of preload/scan/word_writer.h.
//
// Hazard: the numbers are what the file says; a location may lie outside of
// its mapping.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "decode/control_record.h"
#include "sagemem/trace/wire.h"

namespace sagemem::decode {

// Calls visit(location, value) for each.  False: the rest makes no sense.
template <typename Visit>
bool each_scan_word(std::uint64_t first, std::span<const std::uint8_t> words,
                    const Visit& visit) {
  std::array<std::uint64_t, 1u << trace::DeltaState::kRecentBits> recent{};
  const std::uint8_t* in = words.data();
  const std::uint8_t* const end = in + words.size();
  std::uint64_t location = first;
  std::uint64_t value = 0;
  while (in != end) {
    std::uint64_t distance = 0;
    in = trace::get_varint(in, end, distance);
    if (in == nullptr) return false;
    location += (distance >> 1) * sizeof(std::uint64_t);
    if ((distance & 1) != 0) {
      if (in == end) return false;
      value = recent[*in++];
    } else {
      in = trace::get_address(in, end, value, value);
      if (in == nullptr) return false;
      recent[trace::DeltaState::recent_slot(value)] = value;
    }
    visit(location, value);
  }
  return true;
}

// Calls visit(value) for each.
template <typename Visit>
bool each_scan_register(std::span<const std::uint8_t> registers,
                        const Visit& visit) {
  const std::uint8_t* in = registers.data();
  const std::uint8_t* const end = in + registers.size();
  while (in != end) {
    std::uint64_t value = 0;
    in = trace::get_varint(in, end, value);
    if (in == nullptr) return false;
    visit(value);
  }
  return true;
}

}  // namespace sagemem::decode
