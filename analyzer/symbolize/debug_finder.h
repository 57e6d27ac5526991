// SPDX-License-Identifier: Apache-2.0
//
// Finds the separate debug file of one module when libdwfl asks for it: in the
// places of FileSearch, then where libdwfl itself looks, on the servers of
// DEBUGINFOD_URLS last.
//
// Hazard: a node without a network waits for each server in vain.  Nothing is
// asked without the variable, no longer than servers.h allows, and after
// the first answer that took long and was none, no more.
#pragma once

#include <elfutils/libdwfl.h>

#include <string>

#include "symbolize/file_search.h"
#include "symbolize/module_symbols.h"

namespace sagemem::symbolize {

class ModuleSymbols::Finder {
 public:
  Finder(std::string path, BuildId id, const FileSearch& search)
      : path_(std::move(path)), id_(std::move(id)), search_(search) {}

  static const Dwfl_Callbacks& callbacks();
  // The finder must outlive the module.
  void serve(Dwfl_Module* module);

 private:
  static int find(Dwfl_Module* module, void** userdata, const char* name,
                  Dwarf_Addr base, const char* file, const char* link,
                  GElf_Word checksum, char** found);
  // An open descriptor, or -1.
  int find_in_places(const char* link, GElf_Word checksum, char** found) const;
  [[nodiscard]] bool is_right(int fd, bool has_checksum,
                              GElf_Word checksum) const;

  std::string path_;
  BuildId id_;
  FileSearch search_;
};

}  // namespace sagemem::symbolize
