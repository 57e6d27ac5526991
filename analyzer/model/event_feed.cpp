// SPDX-License-Identifier: Apache-2.0
#include "model/event_feed.h"

#include <utility>
#include <variant>

namespace sagemem::model {
namespace {

// In one thread a batch should not leave the first cache.
constexpr std::size_t kOwnBatch = 256;

}  // namespace

EventFeed::EventFeed(const decode::TraceFile& file, StackTree& stacks,
                     bool has_thread)
    : reader_(file),
      resolver_(stacks, modules_),
      paths_(file.writers().size()) {
  if (!has_thread) {
    batch_.reserve(kOwnBatch);
    return;
  }
  ring_ = std::make_unique<BatchRing>();
  thread_ = std::thread([this] { run(); });
}

EventFeed::~EventFeed() {
  if (!thread_.joinable()) return;
  ring_->abandon();
  thread_.join();
}

const EventBatch* EventFeed::next() {
  if (ring_ != nullptr) {
    const EventBatch* const batch = ring_->take();
    // stats() is the caller's now.
    if (batch == nullptr && thread_.joinable()) thread_.join();
    return batch;
  }
  batch_.clear();
  if (fill(batch_)) return &batch_;
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return nullptr;
}

void EventFeed::run() {
  while (EventBatch* batch = ring_->claim()) {
    if (!fill(*batch)) break;
    ring_->publish();
  }
  ring_->close(std::exchange(error_, nullptr));
}

// False when there was nothing left.  What comes before an error counts.
bool EventFeed::fill(EventBatch& batch) {
  const std::size_t wanted = ring_ ? BatchRing::kBatchEvents : kOwnBatch;
  try {
    while (!error_ && batch.size() < wanted) {
      const decode::Event* const event = reader_.next();
      if (event == nullptr) break;
      if (event->control != nullptr) look_at(*event->control);
      batch.add(*event, follow(*event));
    }
  } catch (...) {
    error_ = std::current_exception();
  }
  batch.bytes_read = reader_.stats().bytes_read;
  return batch.size() != 0;
}

// Every event has to pass here, also when its stack is of no interest: the next
// one is told as what is different.
inline StackId EventFeed::follow(const decode::Event& event) {
  std::vector<StackId>& path = paths_[event.writer_index];
  if (path.size() != event.kept) path.resize(event.kept);
  StackId stack = path.empty() ? kRootStack : path.back();
  for (std::size_t i = event.kept; i < event.stack.size(); ++i) {
    stack = resolver_.push(stack, event.stack[i]);
    path.push_back(stack);
  }
  return stack;
}

void EventFeed::look_at(const decode::ControlRecord& record) {
  // When they came is kept elsewhere.
  if (const auto* load = std::get_if<decode::ModuleLoadRecord>(&record)) {
    modules_.load(*load, 0);
  } else if (const auto* unload =
                 std::get_if<decode::ModuleUnloadRecord>(&record)) {
    modules_.unload(unload->number, 0);
  }
}

}  // namespace sagemem::model
