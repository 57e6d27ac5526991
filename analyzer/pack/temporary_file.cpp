// SPDX-License-Identifier: Apache-2.0
#include "pack/temporary_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace sagemem::pack {
namespace {

[[noreturn]] void throw_errno(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

TemporaryFile::TemporaryFile(std::filesystem::path target)
    : target_(std::move(target)), name_(target_.string() + ".XXXXXX") {
  fd_ = ::mkostemp(name_.data(), O_CLOEXEC);
  if (fd_ < 0) throw_errno(target_);
}

TemporaryFile::~TemporaryFile() {
  if (!name_.empty()) ::unlink(name_.c_str());
  ::close(fd_);
}

// fsync: the bytes must be on the disk before the name leads to them, or a
// crash of the machine could leave neither file.
void TemporaryFile::take_name(mode_t mode) {
  if (::fchmod(fd_, mode) != 0 || ::fsync(fd_) != 0 ||
      ::rename(name_.c_str(), target_.c_str()) != 0) {
    throw_errno(target_);
  }
  name_.clear();
}

}  // namespace sagemem::pack
