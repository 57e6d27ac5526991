// SPDX-License-Identifier: Apache-2.0
#include "model/replay.h"

#include <algorithm>
#include <optional>
#include <span>
#include <variant>

#include "model/event_feed.h"
#include "model/replay_each.h"
#include "model/replay_pass.h"
#include "model/thread_choice.h"

namespace sagemem::model {
namespace {

using Entry = EventBatch::Entry;
using decode::Event;
using trace::Kind;

// As many events as take the time of a look into memory, and of two.
constexpr std::size_t kAhead = 8;
constexpr std::size_t kFarAhead = 16;
// A bound on memory may be overdrawn by the pages that so many events touch.
constexpr std::size_t kBetweenTrims = 256;

}  // namespace

// -------------------------------------------------------------------- events

void Replay::apply(const EventBatch& batch) {
  const std::span<const Entry> entries = batch.entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    look_ahead(entries.subspan(i));
    if (i % kBetweenTrims == 0) heap_.keep_bound();
    if (i + 1 < entries.size() && apply_pair(entries[i], entries[i + 1])) {
      ++i;
    } else {
      apply(entries[i], batch);
    }
  }
}

// What the events to come will need is asked for now: the places of their
// blocks, and when these have come, the counters of their stacks.
[[gnu::always_inline]] inline void Replay::look_ahead(
    std::span<const Entry> entries) {
  if (entries.size() > kFarAhead) heap_.prefetch(entries[kFarAhead].address);
  if (entries.size() <= kAhead || !heap_.has_many_stacks()) return;
  const Entry& next = entries[kAhead];
  if (next.kind == Kind::Alloc) {
    heap_.prefetch_use(next.stack);
  } else if (next.kind == Kind::Free || next.kind == Kind::ReallocBegin) {
    heap_.prefetch_use_of(next.address);
  }
}

inline void Replay::apply(const Entry& event, const EventBatch& batch) {
  last_ticks_ = std::max(last_ticks_, event.ticks);
  timeline_.advance(event.ticks, heap_.live_bytes());
  if (has_order_doubts_) return apply_bounded(event, batch);
  apply_event(event, batch);
}

void Replay::apply_bounded(const Entry& event, const EventBatch& batch) {
  order_.advance(event.writer_index, event.ticks);
  const std::uint64_t born = heap_.totals().bytes_allocated;
  const std::uint64_t gone = heap_.totals().bytes_released;
  apply_event(event, batch);
  order_.apply(event.writer_index, heap_.totals().bytes_allocated - born,
               heap_.totals().bytes_released - gone);
}

inline void Replay::apply_event(const Entry& event, const EventBatch& batch) {
  if (tracker_) {
    tracker_->begin_event(file_.clock().to_ns(event.ticks),
                          writers_[event.writer_index].thread);
  }
  switch (event.kind) {
    case Kind::Alloc: {
      if (has_hidden_scopes()) find_scopes(event);
      const bool is_counted = counts(event);
      heap_.allocate(event.writer_index, event.address, event.size, event.stack,
                     event.ticks, is_counted);
      if (is_counted) count_allocation(event);
      if (leak_scan_.is_expected()) leak_scan_.birth(event.address, event.size);
      break;
    }
    case Kind::Free:
      count_release(event, heap_.release(event.address));
      if (each_.is_used()) end_scopes(event);
      break;
    case Kind::ReallocBegin:
      heap_.begin_reallocation(event.writer_index, event.address);
      if (each_.is_used()) each_.reallocate(event.writer_index, event.address);
      break;
    case Kind::ReallocEnd:
      end_reallocation(event);
      break;
    case Kind::AllocFailed:
      if (counts(event)) heap_.fail();
      break;
    case Kind::Map:
      mapped_.map(event.address, event.size);
      break;
    case Kind::Unmap:
      mapped_.unmap(event.address, event.size);
      break;
    case Kind::ScopeBegin:
    case Kind::ScopeEnd:
    case Kind::Label:
    case Kind::Note:
    case Kind::Control:
      apply_rare(event, batch.rare(event));
      break;
    case Kind::None:
      break;
  }
}

void Replay::apply_rare(const Entry& entry, const Event& event) {
  switch (event.kind) {
    case Kind::ScopeBegin:
      if (!each_.begin(event)) scopes_.begin(event, moment(entry));
      break;
    case Kind::ScopeEnd:
      if (!each_.end(event)) scopes_.end(event, moment(entry));
      break;
    case Kind::Label:
      scopes_.label(event);
      break;
    case Kind::Note:
      scopes_.note(event);
      break;
    case Kind::Control:
      event_ = &entry;
      std::visit(*this, *event.control);
      break;
    default:
      break;
  }
}

// Somebody wants to see each block on its own, and not only sums.
inline bool Replay::looks_at_blocks() const {
  return tracker_ || observer_ != nullptr || chooser_.is_used() ||
         inference_.is_used() || each_.is_used() || leak_scan_.is_expected();
}

// A block that the next event of all releases comes and goes without a place in
// the table, which is half of the work.  False: nothing was done.
inline bool Replay::apply_pair(const Entry& birth, const Entry& death) {
  if (birth.kind != Kind::Alloc || death.kind != Kind::Free ||
      birth.address != death.address ||
      birth.writer_index != death.writer_index || looks_at_blocks()) {
    return false;
  }
  const std::uint64_t low = heap_.live_bytes();
  if (!heap_.come_and_go({birth.writer_index, birth.address, birth.size,
                          birth.stack, birth.ticks})) {
    return false;
  }
  const std::uint64_t high = low + birth.size;
  timeline_.advance(birth.ticks, low);
  timeline_.raise(high);
  scopes_.raise(high);
  timeline_.advance(death.ticks, high);
  last_ticks_ = std::max(last_ticks_, death.ticks);
  if (has_order_doubts_) {
    order_.advance(birth.writer_index, birth.ticks);
    order_.apply(birth.writer_index, birth.size, 0);
    order_.advance(death.writer_index, death.ticks);
    order_.apply(death.writer_index, 0, birth.size);
  }
  Thread& thread = thread_of(birth);
  ++thread.allocations;
  thread.bytes_allocated += birth.size;
  ++thread.releases;
  return true;
}

// Whether the filter chooses a block that is born now.  A thread gets its
// number when it first allocates or releases, whatever is chosen: so that all
// replays give it the same.
inline bool Replay::counts(const Entry& event) {
  return (!chooser_.is_used() && !tracker_) || chooses(event);
}

bool Replay::chooses(const Entry& event) {
  const std::uint32_t thread = event.address != 0
                                   ? thread_index(event)
                                   : writers_[event.writer_index].thread;
  if (tracker_) tracker_->set_thread(thread);
  if (!chooser_.is_used()) return true;
  BlockChooser::Birth birth;
  birth.stack = event.stack;
  birth.thread = thread;
  birth.origin = scopes_.origin(event.writer_index);
  birth.size = event.size;
  birth.time_ns = file_.clock().to_ns(event.ticks);
  return chooser_.chooses(birth);
}

// One that no event of its own begins or ends.
void Replay::change_scope(const Entry& cause, std::uint64_t rule, bool begins,
                          std::span<const std::int64_t> values) {
  Event scope;
  scope.writer_index = cause.writer_index;
  scope.rule = rule;
  scope.values = values;
  begins ? scopes_.begin(scope, moment(cause))
         : scopes_.end(scope, moment(cause));
}

// Those that begin or end with the block that is born.
void Replay::find_scopes(const Entry& event) {
  if (inference_.is_used()) {
    for (const auto& change :
         inference_.allocate(event.writer_index, event.stack)) {
      if (change.ends) change_scope(event, change.rule, false, {});
      if (change.begins) change_scope(event, change.rule, true, {});
    }
  }
  if (!each_.is_used()) return;
  each_.allocate(event.writer_index, event.stack, event.address,
                 [&](std::uint64_t rule, bool begins, const auto& values) {
                   change_scope(event, rule, begins, values);
                 });
}

inline void Replay::count_allocation(const Entry& event) {
  Thread& thread = thread_of(event);
  ++thread.allocations;
  thread.bytes_allocated += event.size;
  timeline_.raise(heap_.live_bytes());
  scopes_.raise(heap_.live_bytes());
}

inline void Replay::count_release(const Entry& event, Released released) {
  switch (released) {
    case Released::Block:
      ++thread_of(event).releases;
      break;
    case Released::Uncounted:
      thread_index(event);  // as if it had counted, see counts()
      break;
    case Released::Nothing:
      break;
    case Released::Unknown:
      if ((profile_.header.flags & trace::kFlagForked) != 0) {
        ++profile_.anomalies.inherited_releases;
      } else {
        ++profile_.anomalies.unknown_releases;
      }
      break;
  }
}

void Replay::end_reallocation(const Entry& event) {
  if (event.address != 0 && has_hidden_scopes()) find_scopes(event);
  const bool is_counted = counts(event);
  count_release(event, heap_.end_reallocation(event.writer_index, event.address,
                                              event.size, event.stack,
                                              event.ticks, is_counted));
  if (event.address != 0 && is_counted) count_allocation(event);
  if (event.address != 0 && leak_scan_.is_expected())
    leak_scan_.birth(event.address, event.size);
}

Profile replay(const decode::TraceFile& file, const ReplayOptions& options,
               EachScopesOf& each, const Progress& progress) {
  std::optional<GroupCounters> groups;
  if (options.groups != nullptr) {
    groups.emplace(*options.groups, options.group_count);
  } else if (options.grouper != nullptr) {
    groups.emplace(*options.grouper);
  }
  Replay replay(file, options, each, groups ? &*groups : nullptr);
  const double total = static_cast<double>(
      std::max(file.index().record_bytes, std::uint64_t{1}));
  const std::uint64_t interval =
      std::max(options.progress_interval, std::uint64_t{1});
  // Behind what it writes to: it ends first, also when an event throws.
  EventFeed feed(file, replay.stacks(), wants_thread(options.threads, file));
  std::uint64_t since_progress = 0;
  while (const EventBatch* batch = feed.next()) {
    replay.apply(*batch);
    since_progress += batch->size();
    if (progress && since_progress >= interval) {
      progress(static_cast<double>(batch->bytes_read) / total);
      since_progress %= interval;
    }
  }
  each.learned = replay.learned();
  Profile profile = std::move(replay).finish(feed.stats());
  if (groups) profile.groups = groups->uses(file.clock());
  return profile;
}

}  // namespace sagemem::model
