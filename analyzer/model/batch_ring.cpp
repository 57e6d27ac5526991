// SPDX-License-Identifier: Apache-2.0
#include "model/batch_ring.h"

#include <utility>

namespace sagemem::model {

EventBatch* BatchRing::claim() {
  std::unique_lock lock(mutex_);
  emptied_.wait(lock, [this] {
    return is_abandoned_ || published_ - returned_ < kSlots;
  });
  if (is_abandoned_) return nullptr;
  EventBatch& batch = slots_[static_cast<std::size_t>(published_ % kSlots)];
  lock.unlock();
  // Nobody else looks at a slot between returned_ and published_.
  batch.clear();
  return &batch;
}

void BatchRing::publish() {
  {
    const std::lock_guard lock(mutex_);
    ++published_;
  }
  filled_.notify_one();
}

void BatchRing::close(std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    error_ = std::move(error);
  }
  filled_.notify_one();
}

const EventBatch* BatchRing::take() {
  std::unique_lock lock(mutex_);
  if (is_lent_) {
    ++returned_;
    is_lent_ = false;
    if (published_ - returned_ <= kSlots / 2) emptied_.notify_one();
  }
  filled_.wait(lock, [this] { return is_closed_ || published_ != returned_; });
  if (published_ != returned_) {
    is_lent_ = true;
    return &slots_[static_cast<std::size_t>(returned_ % kSlots)];
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return nullptr;
}

void BatchRing::abandon() {
  {
    const std::lock_guard lock(mutex_);
    is_abandoned_ = true;
  }
  emptied_.notify_one();
}

}  // namespace sagemem::model
