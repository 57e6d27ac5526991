// SPDX-License-Identifier: Apache-2.0
//
// Opens a file whose name stands in a trace, and nothing but a regular file: a
// name may lead to a FIFO that never delivers, a device that acts when it is
// opened, or /dev/zero that never ends.
#pragma once

#include <string>
#include <utility>

namespace sagemem::symbolize {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// Closed when the path does not name a regular file that has content and can
// be read; errno then says why, EINVAL for the wrong kind of file.
[[nodiscard]] FileDescriptor open_regular_file(const std::string& path);

}  // namespace sagemem::symbolize
