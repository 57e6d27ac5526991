// SPDX-License-Identifier: Apache-2.0
#include "symbolize/file_search.h"

#include <fmt/format.h>

#include "symbolize/location.h"

namespace sagemem::symbolize {
namespace {

constexpr const char* kDebugPlace = "/usr/lib/debug";

// .build-id/24/de6272...; gdb's manual, "Separate Debug Files".
std::string build_id_name(const BuildId& id) {
  std::string name = ".build-id/";
  for (std::size_t i = 0; i < id.size(); ++i)
    name += fmt::format("{:02x}{}", id[i], i == 0 ? "/" : "");
  return name;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

}  // namespace

FileSearch::FileSearch(std::string sysroot) {
  while (sysroot.ends_with('/')) sysroot.pop_back();
  if (!sysroot.empty()) roots_.insert(roots_.begin(), std::move(sysroot));
}

std::vector<std::string> FileSearch::files_of(const std::string& path,
                                              const BuildId& id) const {
  std::vector<std::string> names = sources_of(path);
  if (id.size() < 2) return names;
  for (const char* suffix : {"", ".debug"})
    for (const std::string& root : roots_)
      names.push_back(fmt::format("{}{}/{}{}", root, kDebugPlace,
                                  build_id_name(id), suffix));
  return names;
}

std::vector<std::string> FileSearch::sources_of(const std::string& path) const {
  // A relative name is one of the directory at hand, or of nowhere.
  if (!path.starts_with('/')) return {path};
  std::vector<std::string> names;
  for (const std::string& root : roots_) names.push_back(root + path);
  return names;
}

std::vector<std::string> FileSearch::debug_files_of(const std::string& path,
                                                    const std::string& name,
                                                    const BuildId& id) const {
  std::vector<std::string> names;
  const std::string base =
      name.empty() ? base_name(path) + ".debug" : base_name(name);
  for (const std::string& root : roots_) {
    const std::string place = root + kDebugPlace;
    if (id.size() >= 2)
      names.push_back(fmt::format("{}/{}.debug", place, build_id_name(id)));
    if (path.starts_with('/')) {
      names.push_back(fmt::format("{}{}{}", place, folder_of(path), base));
    }
  }
  return names;
}

}  // namespace sagemem::symbolize
