// SPDX-License-Identifier: Apache-2.0
//
// A progress bar on stderr for a person who waits: only on a terminal, only
// after a second, and gone when the report comes.
#pragma once

#include <chrono>
#include <string>

namespace sagemem::report {

class ProgressBar {
 public:
  explicit ProgressBar(const std::string& title);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `share` from 0 to 1.  Cheap enough to be called often.
  void update(double share);

 private:
  using Clock = std::chrono::steady_clock;

  std::string title_;
  bool enabled_;
  bool drawn_ = false;
  Clock::time_point next_draw_;
};

}  // namespace sagemem::report
