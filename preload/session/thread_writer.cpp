// SPDX-License-Identifier: Apache-2.0
#include "session/thread_writer.h"

#include <atomic>
#include <cerrno>
#include <new>

#include "platform/pages.h"

namespace sagemem {

namespace {

// Enough that the pool stays near the number of live threads, few enough that
// a thread of a thousand starts quickly.
constexpr int kProbes = 8;

bool is_gone(std::int32_t pid, std::int32_t tid) noexcept {
  // Signal 0 only asks.  A reused tid answers "alive" and costs us one writer.
  return system_call(SYS_tgkill, pid, tid, 0) == -ESRCH;
}

}  // namespace

ThreadWriter* WriterPool::find_ended(std::int32_t pid,
                                     std::int32_t tid) noexcept {
  for (int i = 0; i < kProbes && first_ != nullptr; ++i) {
    probe_ =
        probe_ == nullptr || probe_->next == nullptr ? first_ : probe_->next;
    // Our own tid in a writer that is not ours: its owner had the same number.
    if (probe_->owner_tid == tid || is_gone(pid, probe_->owner_tid)) {
      return probe_;
    }
  }
  return nullptr;
}

ThreadWriter* WriterPool::attach(std::int32_t pid, std::int32_t tid,
                                 bool& recycled) noexcept {
  SpinGuard guard(lock_);
  ThreadWriter* writer = find_ended(pid, tid);
  recycled = writer != nullptr;
  if (writer == nullptr) {
    void* pages = take_pages(sizeof(ThreadWriter));
    if (pages == nullptr) return nullptr;
    writer = new (pages) ThreadWriter;
    writer->order.number = ++count_;
    writer->next = first_;
    // Release: a fork child walks the list, and finds the writer whole.
    std::atomic_ref(first_).store(writer, std::memory_order_release);
  }
  writer->owner_tid = tid;
  return writer;
}

bool WriterPool::were_others_quiet(const ThreadWriter& own) noexcept {
  SpinGuard guard(lock_);
  bool quiet = true;
  for (ThreadWriter* writer = first_; writer != nullptr;
       writer = writer->next) {
    if (writer == &own) continue;
    const std::uint8_t* cursor = writer->records.position();
    quiet &= cursor == writer->seen_cursor;
    writer->seen_cursor = cursor;
  }
  return quiet;
}

void WriterPool::abandon() noexcept {
  for (ThreadWriter* writer = first_; writer != nullptr;) {
    ThreadWriter* next = writer->next;
    // Its owner may have stood anywhere, so nothing else of it is believed:
    // the segment is named after it is mapped, and no more before it is not.
    TraceOutput::drop(writer->records.segment());
    give_pages(writer, sizeof(ThreadWriter));
    writer = next;
  }
}

}  // namespace sagemem
