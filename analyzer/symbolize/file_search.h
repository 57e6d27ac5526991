// SPDX-License-Identifier: Apache-2.0
//
// Where the files are that names come from.  A trace may be read far from the
// machine that it was made on: `sysroot` is a copy of that machine's files, or
// of a part of them, which is looked into before the machine at hand is.
//
// Of a module, the first of these that is there and has the recorded build id:
//
//   SYSROOT/usr/bin/sage, /usr/bin/sage                  as recorded
//   .../usr/lib/debug/.build-id/24/de6272...             by build id
//   .../usr/lib/debug/.build-id/24/de6272....debug       its debug file alone
//
// and of its debug information, when it has none itself:
//
//   by build id, as above
//   by its .gnu_debuglink or as sage.debug, beside the file, in .debug there,
//   and in .../usr/lib/debug/usr/bin
//   from the servers of DEBUGINFOD_URLS, when that is set
//
// Hazard: a file of the right name may be another.  Build ids are compared, and
// where there is none, the checksum of .gnu_debuglink.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct Dwfl_Module;

namespace sagemem::symbolize {

using BuildId = std::vector<std::uint8_t>;

class FileSearch {
 public:
  FileSearch() = default;
  explicit FileSearch(std::string sysroot);

  // Names of files to try, best first.
  [[nodiscard]] std::vector<std::string> files_of(const std::string& path,
                                                  const BuildId& id) const;
  // Of a source file.
  [[nodiscard]] std::vector<std::string> sources_of(
      const std::string& path) const;
  // Names of debug files to try beyond those that libdwfl finds; `name`: of
  // .gnu_debuglink, or "".
  [[nodiscard]] std::vector<std::string> debug_files_of(
      const std::string& path, const std::string& name,
      const BuildId& id) const;

 private:
  // Before an absolute path: the sysroot, when there is one, and nothing.
  std::vector<std::string> roots_{""};
};

}  // namespace sagemem::symbolize
