// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "transport/disk_space.h"

namespace {

class TemporaryFile {
 public:
  TemporaryFile() : fd_(mkstemp(name_)) { unlink(name_); }
  ~TemporaryFile() { close(fd_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] struct stat status() const {
    struct stat result {};
    fstat(fd_, &result);
    return result;
  }

 private:
  char name_[32] = "/tmp/sagemem-unit-XXXXXX";
  int fd_;
};

}  // namespace

TEST_CASE("reserved space has blocks", "[disk_space]") {
  const TemporaryFile file;
  REQUIRE(sagemem::reserve_disk_space(file.fd(), 0, 1 << 20) == 0);
  CHECK(file.status().st_size == 1 << 20);
  CHECK(file.status().st_blocks * 512 >= 1 << 20);
}

TEST_CASE("the file size limit is an answer, not a signal", "[disk_space]") {
  const TemporaryFile file;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit limit = before;
  limit.rlim_cur = 1 << 16;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const int within = sagemem::reserve_disk_space(file.fd(), 0, 1 << 16);
  const int beyond = sagemem::reserve_disk_space(file.fd(), 0, (1 << 16) + 1);
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK(within == 0);
  CHECK(beyond == EFBIG);
}

TEST_CASE("a descriptor that is none is an error", "[disk_space]") {
  CHECK(sagemem::reserve_disk_space(-1, 0, 4096) == EBADF);
}
