// SPDX-License-Identifier: Apache-2.0
//
// Whether the recorded program still writes to its trace.  It does until its
// process is gone, or runs another program.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace sagemem::pack {

class TargetWatch {
 public:
  TargetWatch(std::int32_t pid, std::filesystem::path trace);
  TargetWatch(const TargetWatch&) = delete;
  TargetWatch& operator=(const TargetWatch&) = delete;
  ~TargetWatch();

  // `has_execed`: the header of the trace says that another program took the
  // process over, which may be about to fail.
  [[nodiscard]] bool has_ended(bool has_execed) const;

  // Returns when the process ends, or after that time.
  void wait(std::chrono::milliseconds time) const;

 private:
  bool is_gone(std::chrono::milliseconds time) const;

  std::int32_t pid_;
  std::filesystem::path trace_;
  int process_ = -1;  // of pidfd_open(2); -1: the kernel has none (before 5.3)
  bool was_there_ = true;
};

}  // namespace sagemem::pack
