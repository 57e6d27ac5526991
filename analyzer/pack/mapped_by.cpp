// SPDX-License-Identifier: Apache-2.0
#include "pack/mapped_by.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>
#include <system_error>

namespace sagemem::pack {
namespace {

struct File {
  struct stat status {};
  std::string path;  // absolute
};

// A line of maps, proc(5): "from-to rwxp offset major:minor inode path".
bool is_of(const std::string& line, const File& file) {
  unsigned major = 0;
  unsigned minor = 0;
  std::uint64_t inode = 0;
  if (std::sscanf(line.c_str(), "%*s %*s %*s %x:%x %" SCNu64, &major, &minor,
                  &inode) != 3) {
    return false;
  }
  if (inode == file.status.st_ino && major == ::major(file.status.st_dev) &&
      minor == ::minor(file.status.st_dev)) {
    return true;
  }
  // btrfs and overlayfs tell stat another device than they tell maps.
  return line.ends_with(' ' + file.path);
}

}  // namespace

Mapped is_mapped_by(std::int32_t pid, const std::filesystem::path& path) {
  File file;
  if (pid <= 0 || ::stat(path.c_str(), &file.status) != 0) return Mapped::No;
  std::error_code ignored;  // an empty path is that of no mapping
  file.path = std::filesystem::canonical(path, ignored).string();
  errno = 0;
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  std::string line;
  while (std::getline(maps, line)) {
    if (is_of(line, file)) return Mapped::Yes;
  }
  const bool refused = errno == EACCES || errno == EPERM;
  return refused ? Mapped::Unknown : Mapped::No;
}

}  // namespace sagemem::pack
