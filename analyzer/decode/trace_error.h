// SPDX-License-Identifier: Apache-2.0
//
// What decode/ throws when a file is no trace, or one that must not be read:
// the place in the file and what is wrong there.  Damage that costs a part of
// the trace only is no exception: it is counted (DecodeStats) and decoding goes
// on.  Caught once, in main.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace sagemem::decode {

class TraceError : public std::runtime_error {
 public:
  TraceError(std::uint64_t offset, const std::string& what)
      : std::runtime_error(what), offset_(offset) {}

  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

 private:
  std::uint64_t offset_;
};

}  // namespace sagemem::decode
