// SPDX-License-Identifier: Apache-2.0
#include "symbolize/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sagemem::symbolize {
namespace {

// Files of /proc call themselves regular and empty, whatever they deliver.
bool is_ordinary(const struct stat& status) {
  return S_ISREG(status.st_mode) && status.st_size > 0;
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

FileDescriptor open_regular_file(const std::string& path) {
  struct stat status {};
  // Looked at before it is opened, because opening a device can act on it, and
  // once more afterwards, because the name may lead elsewhere by then.
  if (stat(path.c_str(), &status) != 0) return {};
  if (is_ordinary(status)) {
    FileDescriptor file(
        open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!file.is_open()) return {};
    if (fstat(file.get(), &status) == 0 && is_ordinary(status)) return file;
  }
  errno = EINVAL;
  return {};
}

}  // namespace sagemem::symbolize
