// SPDX-License-Identifier: Apache-2.0
#include "model/replay_pass.h"

#include <algorithm>
#include <utility>

#include "model/finish_profile.h"

namespace sagemem::model {
namespace {

// Writers that record calls: all but that of the session.
std::size_t count_threads(const decode::TraceFile& file) {
  const auto& writers = file.writers();
  return static_cast<std::size_t>(
      std::count_if(writers.begin(), writers.end(), [](const auto& writer) {
        return writer.number != trace::kSessionWriter;
      }));
}

}  // namespace

Replay::Replay(const decode::TraceFile& file, const ReplayOptions& options,
               const EachScopesOf& each, GroupCounters* groups)
    : file_(file),
      scopes_(file.writers().size(), profile_.stacks, options.watched_scopes,
              options.heap_observer),
      inference_(options.inferred, file.writers().size()),
      each_(each.rules, file.writers().size()),
      chooser_(options.filter, scopes_),
      heap_(file.writers().size(), scopes_, groups, tracker(options),
            options.heap_observer, options.max_resident),
      order_(file.writers().size()),
      has_order_doubts_(count_threads(file) > 1),
      timeline_(file.clock().start_ticks()),
      observer_(options.heap_observer),
      writers_(file.writers().size()) {
  if (observer_ != nullptr) observer_->start(scopes_, file.clock());
  if (groups != nullptr) groups->start(profile_.stacks, modules_.modules());
  for (std::size_t i = 0; i < writers_.size(); ++i) {
    writers_[i].number = file.writers()[i].number;
  }
  profile_.header = file.header();
  profile_.file_bytes = file.size();
  profile_.record_bytes = file.index().record_bytes;
  profile_.is_filtered = chooser_.is_used();
  scopes_.set_tracker(tracker_ ? &*tracker_ : nullptr);
}

// ----------------------------------------------------------- control records

void Replay::operator()(const decode::ThreadRecord& record) {
  WriterState& writer = writers_[event_->writer_index];
  const std::uint32_t thread = find_thread(record.tid);
  // Every segment repeats the record of its thread.
  if (thread != writer.thread) {
    scopes_.end_thread(moment(*event_));
    writer.thread = thread;
    heap_.change_thread(event_->writer_index);
    inference_.change_thread(event_->writer_index);
    each_.change_thread(event_->writer_index);
  }
  if (!record.name.empty()) profile_.threads[thread].name = record.name;
}

void Replay::operator()(const decode::ResidentRecord& record) {
  timeline_.sample_resident(record.bytes);
  resident_.add({event_->ticks, record.bytes}, heap_.peak_number());
  if (observer_ != nullptr) {
    observer_->sample_resident(
        {record.bytes, record.shared_bytes, event_->ticks});
  }
  scopes_.sample_resident(record.bytes, file_.clock().to_ns(event_->ticks));
}

std::uint32_t Replay::find_thread(std::int32_t tid) {
  const auto next = static_cast<std::uint32_t>(profile_.threads.size());
  const auto [slot, is_new] = threads_.try_emplace(tid, next);
  if (is_new) profile_.threads.push_back({tid, {}, 0, 0, 0});
  return slot->second;
}

ScopeModel::Moment Replay::moment(const EventBatch::Entry& event) {
  ScopeModel::Moment moment;
  moment.writer = event.writer_index;
  if (writers_[event.writer_index].number != trace::kSessionWriter) {
    moment.thread = thread_index(event);
  }
  moment.time_ns = file_.clock().to_ns(event.ticks);
  moment.live_bytes = heap_.live_bytes();
  return moment;
}

// -------------------------------------------------------------------- finish

Profile Replay::finish(const decode::DecodeStats& stats) && {
  profile_.events = stats.events;
  profile_.mapped = mapped_.use();
  profile_.modules = std::move(modules_).take_modules();
  finish_times();
  scopes_.end_all(profile_.duration_ns, heap_.live_bytes());
  const std::uint64_t peak_number = heap_.peak_number();
  // What goes from here on was released by nobody.
  if (tracker_) tracker_->set_thread(kNoThread);
  const auto leaks = std::move(leak_scan_).classes(heap_);
  std::move(heap_).finish(profile_);
  if (leaks != nullptr) add_unscanned(*leaks, profile_.uses);
  profile_.leaks = leaks;
  const std::uint64_t peak = profile_.peak.bytes;
  profile_.peak.bounds =
      has_order_doubts_ ? order_.finish(peak) : OrderBounds{peak, peak, 0};
  profile_.scopes = std::move(scopes_).finish(peak_number);
  add_anomalies(profile_, file_, stats);
  if (!profile_.is_filtered) add_late_use(profile_);
  return std::move(profile_);
}

void Replay::finish_times() {
  const decode::TickClock& clock = file_.clock();
  const std::uint64_t end = std::max(last_ticks_, profile_.header.end_ticks);
  profile_.duration_ns = clock.to_ns(end);
  profile_.ticks_per_ns = clock.ticks_per_ns();
  timeline_.advance(end, heap_.live_bytes());
  profile_.timeline = timeline_.finish(clock, end);
  if (heap_.peak_number() == 0) return;
  const ResidentSamples::Sample nearest =
      resident_.nearest(heap_.peak_number(), heap_.peak_ticks());
  profile_.peak.time_ns = clock.to_ns(heap_.peak_ticks());
  profile_.peak.resident_bytes = nearest.bytes;
  profile_.peak.resident_time_ns = clock.to_ns(nearest.ticks);
}

}  // namespace sagemem::model
