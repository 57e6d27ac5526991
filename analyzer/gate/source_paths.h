// SPDX-License-Identifier: Apache-2.0
//
// Paths of sources as a code review knows them: from the top of the repository
// on.  A compiler wrote them as it saw them, from a build directory that may
// have been on another machine:
//
//   ../src/load.c, /builds/42/sage/src/load.c  ->  src/load.c
#pragma once

#include <map>
#include <string>

namespace sagemem::gate {

class SourcePaths {
 public:
  // "": the working directory.
  explicit SourcePaths(std::string root);

  // The longest end of the path that is a file below the root; as it was, but
  // for leading "../", when there is none.
  [[nodiscard]] std::string relative(const std::string& file);
  // Whether it is below the root.
  [[nodiscard]] bool has(const std::string& file);
  // Where it can be read, if it is there.
  [[nodiscard]] std::string readable(const std::string& file);

 private:
  std::string root_;
  std::map<std::string, std::string> known_;
};

}  // namespace sagemem::gate
