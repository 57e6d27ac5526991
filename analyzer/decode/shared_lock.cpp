// SPDX-License-Identifier: Apache-2.0
#include "decode/shared_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace sagemem::decode {
namespace {

// The packer runs only when nobody else wants to, also while it holds the lock.
constexpr int kPatienceSeconds = 120;
constexpr int kMaxTries = 10;

bool has_name(int fd, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

bool lock_file(int fd, bool exclusive, int seconds) {
  const int operation = (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  // Asked again and again instead of waited for: nobody who holds the lock for
  // long may stop us.
  while (::flock(fd, operation) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

int open_shared(const std::filesystem::path& path, int flags) {
  for (int tries = 1;; ++tries) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.  It means nothing
    // for a regular file.
    const int fd =
        ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return -1;
    struct stat status {};
    const bool is_file = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (!is_file || !lock_file(fd, false, kPatienceSeconds) ||
        has_name(fd, path) || tries == kMaxTries) {
      return fd;
    }
    ::close(fd);
  }
}

}  // namespace sagemem::decode
