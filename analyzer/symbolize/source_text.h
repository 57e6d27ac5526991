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
#include <utility>
#include <vector>

#include "symbolize/file_search.h"

namespace sagemem::decode {
struct SymbolSection;
}

namespace sagemem::symbolize {

class SourceText {
 public:
  // `embedded`: the symbols of the trace; where there are any, no file is
  // looked at.  They must outlive it.
  explicit SourceText(std::int64_t recorded_ns, FileSearch search = {},
                      const decode::SymbolSection* embedded = nullptr);

  // The line without the white space around it; "" when there is none.
  [[nodiscard]] std::string line(const std::string& file, std::uint32_t number);

 private:
  using Lines = std::vector<std::string>;

  [[nodiscard]] Lines read(const std::string& file) const;
  [[nodiscard]] Lines read_one(const std::string& name) const;

  std::int64_t recorded_ns_;
  FileSearch search_;
  std::map<std::string, Lines> files_;
  bool is_embedded_;
  std::map<std::pair<std::string, std::uint32_t>, std::string> known_;
};

}  // namespace sagemem::symbolize
