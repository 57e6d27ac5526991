// SPDX-License-Identifier: Apache-2.0
#include "decode/unlinked_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace sagemem::decode {
namespace {

std::string directory() {
  const char* const wanted = std::getenv("TMPDIR");
  return wanted != nullptr && *wanted != '\0' ? wanted : "/tmp";
}

}  // namespace

int open_unlinked_file() {
  const std::string place = directory();
  int fd = ::open(place.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  // Some file systems, NFS and older overlays among them, know no files without
  // a name: open(2).
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    std::string name = place + "/sagemem-XXXXXX";
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(name.c_str());
  }
  if (fd < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "temporary file in " + place);
  }
  return fd;
}

}  // namespace sagemem::decode
