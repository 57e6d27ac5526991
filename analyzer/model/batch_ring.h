// SPDX-License-Identifier: Apache-2.0
//
// The batches that two threads hand to each other: one fills them, the other
// empties them, in order.
//
//   slot       0        1        2        3
//              free     full     full     being filled
//                       ^ being emptied
//
// A lock, but one for thousands of events.  Who finds nothing to do sleeps;
// the one that fills is woken only when half of the slots are free again, so
// that two threads of different speed do not wake each other for every batch.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>

#include "model/event_batch.h"

namespace sagemem::model {

class BatchRing {
 public:
  // All batches together, half a MiB, stay in the caches that the processors
  // share, and nearly in those that they do not.
  static constexpr std::size_t kSlots = 6;
  static constexpr std::size_t kBatchEvents = 2048;

  BatchRing() {
    for (EventBatch& batch : slots_) batch.reserve(kBatchEvents);
  }

  // ------------------------------------------------------- the thread that
  // fills An empty batch; nullptr when nobody wants it any more.
  EventBatch* claim();
  // The batch claimed last is full.
  void publish();
  // There are no more; `error`, where it is one, is thrown at the other end
  // behind the last batch.
  void close(std::exception_ptr error);

  // ----------------------------------------------------- the thread that
  // empties The next batch, valid until the next call; nullptr: that was the
  // last.
  const EventBatch* take();
  // No more are wanted.
  void abandon();

 private:
  std::array<EventBatch, kSlots> slots_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable emptied_;
  // Batches ever published and ever given back; under the lock.
  std::uint64_t published_ = 0;
  std::uint64_t returned_ = 0;
  bool is_lent_ = false;    // to the thread that empties
  bool is_closed_ = false;  // by the thread that fills
  bool is_abandoned_ = false;
  std::exception_ptr error_;
};

}  // namespace sagemem::model
