// SPDX-License-Identifier: Apache-2.0
#include "gate/source_paths.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace sagemem::gate {
namespace {

namespace fs = std::filesystem;

std::string without_ups(std::string path) {
  while (path.starts_with("../") || path.starts_with("./"))
    path.erase(0, path.find('/') + 1);
  return path;
}

}  // namespace

SourcePaths::SourcePaths(std::string root)
    : root_(root.empty() ? "." : std::move(root)) {}

std::string SourcePaths::relative(const std::string& file) {
  const auto [known, is_new] = known_.try_emplace(file);
  if (!is_new) return known->second;
  const std::string normal =
      without_ups(fs::path(file).lexically_normal().string());
  known->second = normal;
  std::string end = normal;
  while (!end.empty()) {
    std::error_code ignored;
    if (!end.starts_with('/') &&
        fs::is_regular_file(fs::path(root_) / end, ignored)) {
      known->second = end;
      break;
    }
    const std::size_t slash = end.find('/');
    if (slash == std::string::npos) break;
    end.erase(0, slash + 1);
  }
  return known->second;
}

bool SourcePaths::has(const std::string& file) {
  const std::string place = relative(file);
  std::error_code ignored;
  return !place.empty() && !place.starts_with('/') &&
         fs::is_regular_file(fs::path(root_) / place, ignored);
}

std::string SourcePaths::readable(const std::string& file) {
  return (fs::path(root_) / relative(file)).string();
}

}  // namespace sagemem::gate
