// SPDX-License-Identifier: Apache-2.0

#include "run/find_program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace sagemem::run {

namespace {

// 0, or the errno value that execve(2) would give.
int execute_error(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return errno;
  if (!S_ISREG(status.st_mode)) return EACCES;
  // The effective ids decide, as in execve; access() asks for the real ones.
  return faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

bool is_absence(int error) {
  return error == ENOENT || error == ENOTDIR;
}

Refusal refusal_of(int error) {
  if (is_absence(error)) return {kExitNotFound, "not found"};
  return {kExitNotExecutable,
          std::string("cannot be executed: ") + std::strerror(error)};
}

// The value that confstr(_CS_PATH) gives in glibc, which execvp uses as well.
constexpr char kDefaultPath[] = "/bin:/usr/bin";

}  // namespace

std::variant<std::string, Refusal> find_program(const std::string& name) {
  if (name.empty()) return refusal_of(ENOENT);
  if (name.find('/') != std::string::npos) {
    const int error = execute_error(name);
    if (error != 0) return refusal_of(error);
    return name;
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? kDefaultPath : path;
  int error = ENOENT;
  while (true) {
    const auto length = rest.find(':');
    const std::string_view folder = rest.substr(0, length);
    // An empty element is the working directory (POSIX, XBD 8.3).
    std::string candidate(folder.empty() ? "." : folder);
    candidate.append("/").append(name);
    const int found = execute_error(candidate);
    if (found == 0) return candidate;
    // A file that may not be executed is remembered, later ones still count.
    if (!is_absence(found)) error = found;
    if (length == std::string_view::npos) return refusal_of(error);
    rest.remove_prefix(length + 1);
  }
}

}  // namespace sagemem::run
