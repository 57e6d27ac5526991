// SPDX-License-Identifier: Apache-2.0
//
// Starts sagemem-pack, which packs the trace behind us.  SAGEMEM_PACK says
// when: at once, never, or when the trace has become so long.
//
//   target --clone--> helper --clone--> sagemem-pack   (by then a child of
//   init)
//            CLONE_VM |  exits at once; reaped here
//            CLONE_VFORK, no signal at its end
//
// The target must not notice.  No SIGCHLD comes, and wait() finds nothing: the
// helper is a child that only __WCLONE waits for, and it is gone when start()
// returns.  Its memory is ours (CLONE_VM), so that a process of many gigabytes
// need not copy its page tables; hence only system calls of ours are made in
// it, on a stack of its own, with all signals blocked.
//
// Hazard: a process that adopts orphans (PR_SET_CHILD_SUBREAPER, or pid 1 of a
// container) would get the packer as a child.  There it is not started.
#pragma once

#include <atomic>
#include <cstdint>

#include "platform/text_buffer.h"
#include "session/options.h"

namespace sagemem {

class PackerStart {
 public:
  // Once, when the trace is open.  Finds the program while the process has its
  // first working directory.
  void prepare(const Options& options, bool spooled) noexcept;

  // The trace has become so long.  True once at most: start() is called for.
  bool is_due(std::uint64_t trace_bytes) noexcept {
    // Relaxed: the exchange decides.
    return trace_bytes >= start_at_ &&
           !started_.load(std::memory_order_relaxed) &&
           !started_.exchange(true, std::memory_order_relaxed);
  }

  // False: it can not be started here.
  [[nodiscard]] bool start(const char* trace, std::int32_t pid) noexcept;

 private:
  std::uint64_t start_at_ = UINT64_MAX;
  std::atomic<bool> started_{false};
  PathText program_;
};

}  // namespace sagemem
