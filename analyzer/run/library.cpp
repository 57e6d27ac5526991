// SPDX-License-Identifier: Apache-2.0

#include "run/library.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>
#include <vector>

#include "run/file_descriptor.h"

namespace sagemem::run {

namespace fs = std::filesystem;

namespace {

constexpr char kName[] = "libsagemem.so";

std::vector<fs::path> candidates() {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  std::vector<fs::path> result = {here / "../../preload"};
  // SAGEMEM_LIBDIR is relative to the prefix, as Meson has it; an installation
  // that was moved as a whole keeps the way from bin to lib.
  for (const char* folder : {SAGEMEM_LIBDIR, "lib", "lib64"}) {
    result.push_back(here / ".." / folder);
  }
  result.emplace_back(fs::path(SAGEMEM_PREFIX) / SAGEMEM_LIBDIR);
  for (auto& path : result) path /= kName;
  return result;
}

Library open_library(const fs::path& path) {
  const fs::path absolute = fs::canonical(path);
  // ld.so(8): the list is parted by spaces or colons, there is no escape.
  if (absolute.native().find_first_of(" :") != std::string::npos) {
    throw std::runtime_error(
        fmt::format("{}: LD_PRELOAD cannot name a path with a space or a colon",
                    absolute.native()));
  }
  const FileDescriptor file(open(absolute.c_str(), O_RDONLY | O_CLOEXEC));
  const auto facts = file.valid() ? read_elf_facts(file.get()) : std::nullopt;
  if (!facts) {
    throw std::runtime_error(
        fmt::format("{}: not a shared library", absolute.native()));
  }
  return {absolute.native(), *facts};
}

}  // namespace

Library find_library(const std::string& wanted) {
  if (!wanted.empty()) {
    if (!fs::exists(wanted)) {
      throw std::runtime_error(fmt::format("{}: not found", wanted));
    }
    return open_library(wanted);
  }
  std::string tried;
  for (const auto& candidate : candidates()) {
    std::error_code ignored;
    if (fs::exists(candidate, ignored)) return open_library(candidate);
    tried += "\n  " + candidate.lexically_normal().native();
  }
  throw std::runtime_error(fmt::format(
      "{} not found (--library PATH names it); tried:{}", kName, tried));
}

}  // namespace sagemem::run
