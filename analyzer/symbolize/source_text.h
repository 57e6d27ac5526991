// SPDX-License-Identifier: Apache-2.0
//
// The source line of an allocation, when the source is still there and still
// the one that was compiled, as far as anyone can tell: a file that was written
// after the recording began is not quoted, because the line may be another by
// now.  Each file is read once.
//
// Hazard: the name comes from debug information; see regular_file.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sagemem::symbolize {

class SourceText {
 public:
  explicit SourceText(std::int64_t recorded_ns) : recorded_ns_(recorded_ns) {}

  // The line without the white space around it; "" when there is none.
  [[nodiscard]] std::string line(const std::string& file, std::uint32_t number);

 private:
  using Lines = std::vector<std::string>;

  [[nodiscard]] Lines read(const std::string& file) const;

  std::int64_t recorded_ns_;
  std::map<std::string, Lines> files_;
};

}  // namespace sagemem::symbolize
