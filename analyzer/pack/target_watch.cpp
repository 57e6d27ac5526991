// SPDX-License-Identifier: Apache-2.0
#include "pack/target_watch.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "pack/mapped_by.h"

namespace sagemem::pack {

TargetWatch::TargetWatch(std::int32_t pid, std::filesystem::path trace)
    : pid_(pid),
      trace_(std::move(trace)),
      process_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
  // Asked when the descriptor is there: if the program ended before and its
  // number was given to another one, that one does not have the trace mapped.
  was_there_ = is_mapped_by(pid_, trace_) != Mapped::No;
}

TargetWatch::~TargetWatch() {
  if (process_ >= 0) ::close(process_);
}

bool TargetWatch::is_gone(std::chrono::milliseconds time) const {
  pollfd wanted{process_, POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(time.count())) > 0;
}

bool TargetWatch::has_ended(bool has_execed) const {
  if (!was_there_) return true;
  if (process_ >= 0 && is_gone(std::chrono::milliseconds(0))) return true;
  // The list of mappings is asked for only when it has to be: reading it holds
  // up a program that maps and unmaps.
  return (process_ < 0 || has_execed) &&
         is_mapped_by(pid_, trace_) == Mapped::No;
}

void TargetWatch::wait(std::chrono::milliseconds time) const {
  if (process_ >= 0) {
    is_gone(time);
  } else {
    std::this_thread::sleep_for(time);
  }
}

}  // namespace sagemem::pack
