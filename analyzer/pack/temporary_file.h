// SPDX-License-Identifier: Apache-2.0
//
// A file that appears as a whole: written beside its target, whose name it then
// takes; or it goes away.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace sagemem::pack {

class TemporaryFile {
 public:
  // Throws std::system_error, as all that follows.
  explicit TemporaryFile(std::filesystem::path target);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  [[nodiscard]] int fd() const { return fd_; }
  // What it is called until then.
  [[nodiscard]] const std::string& name() const { return name_; }

  void take_name(mode_t mode);

 private:
  std::filesystem::path target_;
  std::string name_;
  int fd_;
};

}  // namespace sagemem::pack
