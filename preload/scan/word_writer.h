// SPDX-License-Identifier: Apache-2.0
//
// The payloads of ScanWords records: words of one mapping, each where it stood;
// the mirror of analyzer/decode/scan_words.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sagemem/trace/events.h"
#include "sagemem/trace/scan.h"
#include "sagemem/trace/wire.h"
#include "scan/memory_map.h"

namespace sagemem {

class WordWriter {
 public:
  // For words from `address` on.
  void begin(const Region& region, std::uint64_t address) noexcept {
    std::memset(recent_, 0, sizeof recent_);
    location_ = address;
    value_ = 0;
    words_ = 0;
    out_ = trace::put_varint(payload_, region.start);
    out_ = trace::put_varint(out_, region.end);
    out_ = trace::put_varint(out_, static_cast<std::uint8_t>(region.kind));
    out_ = trace::put_varint(out_,
                             region.is_guarded ? trace::kRegionIsGuarded : 0);
    out_ = trace::put_varint(out_, address);
  }

  void add(std::uint64_t location, std::uint64_t value) noexcept {
    const std::uint64_t distance =
        (location - location_) / sizeof(std::uint64_t) << 1;
    std::uint64_t& recent = recent_[trace::DeltaState::recent_slot(value)];
    location_ = location;
    ++words_;
    if (recent == value) {
      out_ = trace::put_varint(out_, distance | 1);
      *out_++ = trace::DeltaState::recent_slot(value);
      value_ = value;
      return;
    }
    out_ = trace::put_varint(out_, distance);
    out_ = trace::put_address(out_, value, value_);
    value_ = value;
    recent = value;
  }

  [[nodiscard]] bool is_full() const noexcept {
    return out_ > payload_ + sizeof payload_ - 3 * trace::kMaxVarintBytes;
  }
  [[nodiscard]] std::uint64_t words() const noexcept { return words_; }
  [[nodiscard]] const std::uint8_t* data() const noexcept { return payload_; }
  [[nodiscard]] std::size_t size() const noexcept {
    return static_cast<std::size_t>(out_ - payload_);
  }

 private:
  std::uint64_t recent_[1u << trace::DeltaState::kRecentBits];
  std::uint64_t location_;
  std::uint64_t value_;
  std::uint64_t words_;
  std::uint8_t* out_;
  std::uint8_t payload_[trace::kMaxScanPayload];
};

}  // namespace sagemem
