// SPDX-License-Identifier: Apache-2.0
//
// One pass over the events of a trace: the parts of the model, and what each
// event means to each of them.  Internal to model/: the others call replay().
//
//   replay.cpp        events, one after the other: what is hot
//   replay_pass.cpp   control records, and the hand-over to the Profile
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "decode/event_reader.h"
#include "decode/trace_file.h"
#include "model/event_batch.h"
#include "model/heap_model.h"
#include "model/leak_scan.h"
#include "model/mapped_ranges.h"
#include "model/module_table.h"
#include "model/replay_each.h"
#include "model/resident_samples.h"
#include "model/timeline.h"

namespace sagemem::model {

class Replay {
 public:
  Replay(const decode::TraceFile& file, const ReplayOptions& options,
         const EachScopesOf& each, GroupCounters* groups);
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // What the feed puts the stacks into.
  StackTree& stacks() { return profile_.stacks; }
  void apply(const EventBatch& batch);
  Profile finish(const decode::DecodeStats& stats) &&;
  std::vector<FirstStack> learned() { return std::move(each_).finish(); }

  // One for each type of control record.
  void operator()(const decode::InfoRecord& record) {
    profile_.info.emplace_back(record.key, record.value);
    if (record.key == trace::kInfoScan) leak_scan_.expect();
  }
  void operator()(const decode::ThreadRecord& record);
  void operator()(const decode::ModuleLoadRecord& record) {
    modules_.load(record, file_.clock().to_ns(event_->ticks));
  }
  void operator()(const decode::ModuleUnloadRecord& record) {
    modules_.unload(record.number, file_.clock().to_ns(event_->ticks));
  }
  void operator()(const decode::ResidentRecord& record);
  void operator()(const decode::ForkRecord& record) {
    profile_.children.push_back(record.child_pid);
  }
  void operator()(const decode::ExecRecord&) {}  // header.end_kind says it
  void operator()(const decode::ScopeRuleRecord& record) {
    scopes_.describe(record);
    each_.describe(record);
  }
  void operator()(const decode::ProbeRecord& record) {
    scopes_.add_probe(record, modules_);
  }
  void operator()(const decode::SnapshotRecord& record) {
    scopes_.snapshot(record.label, moment(*event_));
  }
  void operator()(const decode::ScanWordsRecord& one) { leak_scan_.add(one); }
  void operator()(const decode::ScanThreadRecord& one) { leak_scan_.add(one); }
  void operator()(const decode::ScanEndRecord& one) {
    leak_scan_.end(one, heap_, file_.header().pid);
  }

 private:
  using Entry = EventBatch::Entry;
  struct WriterState {
    std::uint32_t number = 0;
    std::uint32_t thread = kNoThread;  // index into Profile::threads
  };

  BlockTracker* tracker(const ReplayOptions& options) {
    if (options.observer == nullptr) return nullptr;
    return &tracker_.emplace(*options.observer);
  }
  void look_ahead(std::span<const Entry> entries);
  void apply(const Entry& event, const EventBatch& batch);
  void apply_bounded(const Entry& event, const EventBatch& batch);
  void apply_event(const Entry& event, const EventBatch& batch);
  void apply_rare(const Entry& entry, const decode::Event& event);
  [[nodiscard]] bool looks_at_blocks() const;
  bool apply_pair(const Entry& birth, const Entry& death);
  bool counts(const Entry& event);
  bool chooses(const Entry& event);
  std::uint32_t thread_index(const Entry& event) {
    std::uint32_t& thread = writers_[event.writer_index].thread;
    if (thread == kNoThread) thread = find_thread(event.tid);
    return thread;
  }
  Thread& thread_of(const Entry& event) {
    return profile_.threads[thread_index(event)];
  }
  ScopeModel::Moment moment(const Entry& event);
  std::uint32_t find_thread(std::int32_t tid);
  [[nodiscard]] bool has_hidden_scopes() const {
    return inference_.is_used() || each_.is_used();
  }
  void find_scopes(const Entry& event);
  void end_scopes(const Entry& event) {
    each_.release(event.writer_index, event.address, [&](std::uint64_t rule) {
      change_scope(event, rule, false, {});
    });
  }
  void change_scope(const Entry& cause, std::uint64_t rule, bool begins,
                    std::span<const std::int64_t> values);
  void count_allocation(const Entry& event);
  void count_release(const Entry& event, Released released);
  void end_reallocation(const Entry& event);
  void finish_times();

  const decode::TraceFile& file_;
  Profile profile_;
  ModuleTable modules_;
  ScopeModel scopes_;
  ScopeInference inference_;
  EachScopes each_;
  BlockChooser chooser_;
  std::optional<BlockTracker> tracker_;
  HeapModel heap_;
  LeakScan leak_scan_;
  MappedRanges mapped_;
  OrderBound order_;
  // Of several writers: the order of one alone is the true one.
  bool has_order_doubts_;
  Timeline timeline_;
  ResidentSamples resident_;
  HeapObserver* observer_;
  std::vector<WriterState> writers_;
  tsl::robin_map<std::int32_t, std::uint32_t> threads_;  // tid to index
  const Entry* event_ = nullptr;  // of the control record being applied
  std::uint64_t last_ticks_ = 0;  // latest stamp so far
};

}  // namespace sagemem::model
