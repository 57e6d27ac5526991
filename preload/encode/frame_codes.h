// SPDX-License-Identifier: Apache-2.0
//
// The new frames of a stack as they stand in a record, made while they are
// walked: from the inside outward, where a record has the outermost first.  So
// they are filled in from the end, two bytes each:
//
//   walked    x y b        codes  . . . . . B Y X
//
// That is how a frame is written whose program counter the reader knows, which
// nearly all are; otherwise RecordWriter::put_stack() is asked.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sagemem/trace/events.h"
#include "sagemem/trace/wire.h"

namespace sagemem {

// The codes of the innermost frames of a stack, from when it was last recorded.
class LastCodes {
 public:
  static constexpr std::uint32_t kMax = 8;

  // The reader knows the innermost `count` frames by these.  `version`: of what
  // it knows.
  [[nodiscard]] bool are_known(std::uint64_t version,
                               std::uint32_t count) const noexcept {
    return version_ == version && count <= count_;
  }
  void forget() noexcept { count_ = 0; }

  // Those of `count` frames, of kMax at most.
  [[gnu::always_inline]] std::uint8_t* copy_to(
      std::uint8_t* out, std::uint32_t count) const noexcept {
    std::memcpy(out, codes_.data() + 2 * (kMax - count), 2 * kMax);
    return out + 2 * std::size_t{count};
  }

 private:
  friend class FrameCodes;

  std::uint32_t count_;
  std::uint64_t version_;
  // The innermost last; what is behind is copied as well.
  std::array<std::uint8_t, 4 * kMax> codes_;
};

class FrameCodes {
 public:
  static constexpr std::uint32_t kMax = 256;
  // More bytes than there are codes are copied, up to the next multiple.
  static constexpr std::size_t kChunk = 16;
  // Where they are put together.
  using Room = std::array<std::uint8_t, 2 * kMax + kChunk>;

  FrameCodes(const trace::DeltaState& delta, Room& room) noexcept
      : known_(delta.frames.data()), room_(room.data()) {}

  // The next frame outward; false: there are kMax.  Always inlined, as all
  // here: the members are registers then.
  [[nodiscard]] [[gnu::always_inline]] bool add(std::uint64_t pc) noexcept {
    if (--first_ < 0) [[unlikely]]
      return false;
    const std::uint32_t slot = trace::DeltaState::frame_slot(pc);
    unknown_ |= known_[slot] ^ pc;
    trace::put_two_bytes(room_ + 2 * first_, slot << 1);
    return true;
  }
  [[nodiscard]] [[gnu::always_inline]] std::uint32_t count() const noexcept {
    return kMax - static_cast<std::uint32_t>(first_);
  }
  // The reader knows them all.
  [[nodiscard]] [[gnu::always_inline]] bool are_known() const noexcept {
    return unknown_ == 0;
  }
  // The innermost of them, for later; `version`: of what the reader knows.
  [[gnu::always_inline]] void save(LastCodes& last,
                                   std::uint64_t version) const noexcept {
    constexpr std::size_t kBytes = 2 * std::size_t{LastCodes::kMax};
    std::memcpy(last.codes_.data(), room_ + 2 * kMax - kBytes, kBytes);
    last.count_ = are_known() ? std::min(count(), LastCodes::kMax) : 0;
    last.version_ = version;
  }
  [[gnu::always_inline]] std::uint8_t* copy_to(
      std::uint8_t* out) const noexcept {
    const std::uint8_t* const codes = room_ + 2 * first_;
    const std::size_t bytes = 2 * std::size_t{count()};
    std::memcpy(out, codes, kChunk);
    if (bytes > kChunk) [[unlikely]] {
      std::memcpy(out + kChunk, codes + kChunk, bytes - kChunk);
    }
    return out + bytes;
  }

 private:
  const std::uint64_t* known_;
  std::uint8_t* room_;
  std::ptrdiff_t first_ = kMax;
  std::uint64_t unknown_ = 0;
};

}  // namespace sagemem
