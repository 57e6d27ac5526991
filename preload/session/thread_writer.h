// SPDX-License-Identifier: Apache-2.0
//
// What a thread needs to record: a writer, its last stack, its segment.
// Made from pages of our own when the thread's first event comes, and handed
// on when the thread is gone: a program of 10 000 short threads has as many
// writers as it ever had threads at one time.
//
// Nothing tells us that a thread ends, because nothing that runs then (thread-
// specific-data destructors) runs late enough: glibc frees memory after them.
// Instead a thread that needs a writer asks the kernel whether the owners of
// a few others are still there.
#pragma once

#include <atomic>
#include <cstdint>

#include "capture/verified_unwinder.h"
#include "encode/record_writer.h"
#include "platform/spin_lock.h"
#include "session/event_order.h"
#include "session/last_labels.h"
#include "session/open_scopes.h"
#include "session/thread_state.h"

namespace sagemem {

struct ThreadWriter {
  RecordWriter records;
  VerifiedUnwinder stacks;
  FrameCodes::Room code_room;  // for Recorder::on_inner_block()
  OpenScopes scopes;
  LastLabels labels;
  OrderPass order;
  std::uint64_t sequence = 0;  // of the segment in use
  std::uint32_t units = 0;     // of the segment in use; 0: none yet
  std::int32_t owner_tid = 0;
  std::uint64_t next_sample_ticks = 0;
  // order.current, or kNoPass: no short ways.
  std::int64_t short_pass = kNoPass;
  bool has_short_ways = false;
  std::uint64_t next_look_ticks = 0;  // for other threads
  std::uint32_t quick_stamps = 0;     // in succession: Recorder::needs_stamp()
  std::uint32_t generation = 0;       // of the modules, at the last stamp
  char name[16] = {};                 // as last written to the trace
  // Where it was when another thread last looked.
  const std::uint8_t* seen_cursor = nullptr;
  ThreadWriter* next = nullptr;
};

class WriterPool {
 public:
  // A writer for the calling thread: that of an ended thread (`recycled` is
  // set) or a new one; nullptr: no memory.
  ThreadWriter* attach(std::int32_t pid, std::int32_t tid,
                       bool& recycled) noexcept;

  // Writers made, numbers 1 to count().
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

  // No writer but `own` has written since the last call; remembers where they
  // are.
  bool were_others_quiet(const ThreadWriter& own) noexcept;

  // Visits all that were ever made.
  template <typename Visit>
  void each(const Visit& visit) const noexcept {
    // Acquire: what is found is whole.
    for (const ThreadWriter* writer =
             std::atomic_ref(first_).load(std::memory_order_acquire);
         writer != nullptr; writer = writer->next) {
      visit(*writer);
    }
  }

  // In a fork child: unmaps everything that belonged to the parent.
  void abandon() noexcept;

 private:
  ThreadWriter* find_ended(std::int32_t pid, std::int32_t tid) noexcept;

  SpinLock lock_;
  mutable ThreadWriter* first_ = nullptr;
  ThreadWriter* probe_ = nullptr;  // where the last search stopped
  std::uint32_t count_ = 0;
};

}  // namespace sagemem
