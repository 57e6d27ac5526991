// SPDX-License-Identifier: Apache-2.0
#include "decode/event_reader.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <variant>

namespace sagemem::decode {
namespace {

constexpr std::uint32_t kSessionRank = 0;
constexpr std::uint32_t kReleaseRank = 1;
constexpr std::uint32_t kOtherRank = 2;

// For the heap functions of the standard library, which put the largest first.
constexpr auto kLater = [](const auto& a, const auto& b) { return b < a; };

}  // namespace

EventReader::EventReader(const TraceFile& file) : file_(file) {
  const std::size_t count = file.writers().size();
  cursors_.resize(count);
  next_segment_.resize(count);
  waiting_.reserve(count);
  // A writer waits with the start of its first segment, which is no later than
  // its first event, and is entered (memory, I/O) when its turn comes.
  for (std::uint32_t i = 0; i < count; ++i) {
    const Segment& first = file.writers()[i].segments.front();
    waiting_.push_back({first.start_ticks, kSessionRank, i});
  }
  std::make_heap(waiting_.begin(), waiting_.end(), kLater);
}

// The event handed out last is consumed only now: it was lent to the caller.
const Event* EventReader::next_of_any(bool has_event) {
  if (current_cursor_ != nullptr &&
      !read_ahead(current_.writer_index, has_event)) {
    cursors_[current_.writer_index].reset();
    current_cursor_ = nullptr;
  }
  choose_next();
  others_from_ = waiting_.empty() ? std::numeric_limits<std::uint64_t>::max()
                                  : waiting_.front().ticks;
  if (current_cursor_ == nullptr) return nullptr;
  ++stats_.events;
  return &current_cursor_->event;
}

// Makes the writer with the smallest key the current one.  As long as one
// writer is ahead of all others, as in a program with one busy thread, this is
// one comparison.
void EventReader::choose_next() {
  if (current_cursor_ != nullptr) {
    const Event& event = current_cursor_->event;
    if (waiting_.empty() || event.ticks < waiting_.front().ticks) return;
    current_.ticks = event.ticks;
    current_.rank = rank(event);
    if (current_ < waiting_.front()) return;
    swap_with_first();
    current_cursor_ = cursors_[current_.writer_index].get();
    if (current_cursor_ != nullptr) return;
    enter(current_.writer_index);
  }
  while (!waiting_.empty()) {
    std::pop_heap(waiting_.begin(), waiting_.end(), kLater);
    current_ = waiting_.back();
    waiting_.pop_back();
    current_cursor_ = cursors_[current_.writer_index].get();
    if (current_cursor_ != nullptr) return;
    enter(current_.writer_index);
  }
}

// Exchanges the current key with the first of the heap and restores the heap:
// half the work of a push and a pop.
void EventReader::swap_with_first() {
  const Key key = current_;
  current_ = waiting_.front();
  const std::size_t count = waiting_.size();
  std::size_t hole = 0;
  while (true) {
    std::size_t child = 2 * hole + 1;
    if (child >= count) break;
    if (child + 1 < count && waiting_[child + 1] < waiting_[child]) ++child;
    if (!(waiting_[child] < key)) break;
    waiting_[hole] = waiting_[child];
    hole = child;
  }
  waiting_[hole] = key;
}

// Reads the first event of a writer and lets it wait with that one's stamp.
void EventReader::enter(std::uint32_t writer_index) {
  cursors_[writer_index] = std::make_unique<Cursor>();
  if (!load_segment(writer_index) || !read_ahead(writer_index, false)) {
    cursors_[writer_index].reset();
    return;
  }
  const Event& event = cursors_[writer_index]->event;
  waiting_.push_back({event.ticks, rank(event), writer_index});
  std::push_heap(waiting_.begin(), waiting_.end(), kLater);
}

// `has_event`: it has been read already.
bool EventReader::read_ahead(std::uint32_t writer_index, bool has_event) {
  Cursor& cursor = *cursors_[writer_index];
  while (!has_event && !cursor.segment.read(cursor.event)) {
    finish_segment(cursor);
    if (!load_segment(writer_index)) return false;
  }
  if (cursor.event.control != nullptr) {
    if (const auto* thread = std::get_if<ThreadRecord>(cursor.event.control)) {
      cursor.event.tid = thread->tid;
    }
  }
  return true;
}

// Loads the writer's next segment that is intact; false when there is none.
bool EventReader::load_segment(std::uint32_t writer_index) {
  const Writer& writer = file_.writers()[writer_index];
  Cursor& cursor = *cursors_[writer_index];
  cursor.event.writer = writer.number;
  cursor.event.writer_index = writer_index;
  while (next_segment_[writer_index] < writer.segments.size()) {
    const Segment& segment = writer.segments[next_segment_[writer_index]++];
    file_.read(segment, cursor.bytes);
    ++stats_.segments;
    stats_.bytes_read += segment.readable;
    const std::size_t got = cursor.bytes.size();
    if (got < segment.committed) {
      // Cut short: what is there counts, up to the record that is torn.  The
      // checksum covers bytes that are gone.
      ++stats_.torn_segments;
      stats_.torn_bytes += segment.committed - got;
    } else if (segment.sealed &&
               XXH3_64bits(cursor.bytes.data(), got) != segment.checksum) {
      ++stats_.torn_segments;
      stats_.torn_bytes += got;
      continue;
    }
    cursor.is_torn = got < segment.committed;
    cursor.segment.start(segment, cursor.bytes);
    return true;
  }
  return false;
}

void EventReader::finish_segment(Cursor& cursor) {
  const std::uint64_t torn = cursor.segment.torn_bytes();
  if (torn == 0) return;
  stats_.torn_bytes += torn;
  if (!cursor.is_torn) ++stats_.torn_segments;
}

std::uint32_t EventReader::rank(const Event& event) noexcept {
  using trace::Kind;
  if (event.writer == trace::kSessionWriter) return kSessionRank;
  switch (event.kind) {
    // A thread's name stands in front of its first release.
    case Kind::Control:
    case Kind::Free:
    case Kind::ReallocBegin:
    case Kind::Unmap:
      return kReleaseRank;
    default:
      return kOtherRank;
  }
}

}  // namespace sagemem::decode
