// SPDX-License-Identifier: Apache-2.0
#include "rules/text_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "rules/parse_rules.h"

namespace sagemem::rules {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

}  // namespace

std::string read_text_file(const std::string& path, const char* what) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A directory can be opened, and says so when it is read.
  if (!in.eof() && !in) {
    throw RuleError(fmt::format(
        "{}: {}", path,
        std::error_code(errno != 0 ? errno : EIO, std::generic_category())
            .message()));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxFileBytes) {
    throw RuleError(fmt::format("{}: too long for {}", path, what));
  }
  return text;
}

}  // namespace sagemem::rules
