// SPDX-License-Identifier: Apache-2.0
//
// Control records that outlive the segment that they were read from: their
// texts are copied.  For whoever keeps events longer than until the next one.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "decode/control_record.h"

namespace sagemem::decode {

class ControlTexts {
 public:
  // Points the texts of `record` at copies, which last until clear().
  void own(ControlRecord& record);
  void clear() { copies_.clear(); }

 private:
  std::span<const std::uint8_t> copy(std::span<const std::uint8_t> bytes);
  std::string_view copy(std::string_view text);

  struct Owner;
  std::deque<std::vector<std::uint8_t>> copies_;
};

}  // namespace sagemem::decode
