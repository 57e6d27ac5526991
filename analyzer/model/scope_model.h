// SPDX-License-Identifier: Apache-2.0
//
// Scopes as the events change them: what was born in each and is alive, how
// high it went, what was left when it closed.  An event costs as much as there
// are scopes around its block; without scopes, nothing.
//
// Which blocks escaped a scope is never looked for when it closes.  A block
// that goes after one of its scopes has closed had escaped from it, and so had
// those that never go: they say so themselves, then.
//
//   begin 7   malloc A   malloc B   free A   end 7        free B
//                                            escaped 1    by B's site
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <vector>

#include "decode/event.h"
#include "model/block_tracker.h"
#include "model/heap_observer.h"
#include "model/label_model.h"
#include "model/level_maxima.h"
#include "model/open_scopes.h"
#include "model/scope_rules.h"
#include "model/scopes.h"

namespace sagemem::model {

class ScopeModel {
 public:
  // When something happens, and where.
  struct Moment {
    std::uint32_t writer = 0;
    std::uint32_t thread = kNoThread;  // index into Profile::threads
    std::int64_t time_ns = 0;
    std::uint64_t live_bytes = 0;
  };

  // `watched`: scopes whose call stacks are of interest.  `observer`, where
  // given, is told of their ends.
  ScopeModel(std::size_t writers, const StackTree& stacks,
             const std::vector<ScopeId>& watched, HeapObserver* observer);
  ScopeModel(const ScopeModel&) = delete;
  ScopeModel& operator=(const ScopeModel&) = delete;

  void describe(const decode::ScopeRuleRecord& record) {
    rules_.describe(record);
  }
  void add_probe(const decode::ProbeRecord& record,
                 const ModuleTable& modules) {
    rules_.add_probe(record, modules);
  }
  void snapshot(std::string_view label, const Moment& moment);
  // Is told of begins and ends from now on.
  void set_tracker(BlockTracker* tracker) { tracker_ = tracker; }

  void begin(const decode::Event& event, const Moment& moment);
  void end(const decode::Event& event, const Moment& moment);
  void note(const decode::Event& event);
  void label(const decode::Event& event);
  void end_thread(const Moment& moment);
  void sample_resident(std::uint64_t bytes, std::int64_t time_ns);

  // Of the blocks that the writer's thread allocates now.
  OriginId origin(std::uint32_t writer) { return open_.origin(writer); }
  [[nodiscard]] std::uint32_t writer_of(OriginId origin) const {
    return open_.writer_of(origin);
  }
  // Calls visit(scope) for each scope that blocks of the origin belong to.
  template <typename Visit>
  void each_scope(OriginId origin, const Visit& visit) const {
    if (!open_.is_plain(origin)) open_.each_scope(origin, visit);
  }
  // A block comes and goes.  `peak_number`: of the last global peak before.
  // The one begun last of them; kNoScope: there is none.
  [[nodiscard]] ScopeId innermost(OriginId origin) const {
    ScopeId last = kNoScope;
    each_scope(origin, [&last](ScopeId scope) {
      if (last == kNoScope || scope > last) last = scope;
    });
    return last;
  }
  void birth(OriginId origin, StackId stack, std::uint64_t size,
             std::uint64_t peak_number) {
    if (!open_.is_plain(origin)) count_birth(origin, stack, size, peak_number);
  }
  void death(OriginId origin, StackId stack, std::uint64_t size,
             std::uint64_t peak_number) {
    if (!open_.is_plain(origin)) count_death(origin, stack, size, peak_number);
  }
  // The live bytes of all have risen.
  void raise(std::uint64_t live_bytes) { levels_.raise(live_bytes); }
  // A trace without scopes and labels has nothing to tell of its blocks.
  [[nodiscard]] bool is_used() const { return open_.is_used(); }
  // A block that is alive at the end.
  void remain(OriginId origin, StackId stack, std::uint64_t size);

  // To be called before the last blocks are told of with remain().
  void end_all(std::int64_t time_ns, std::uint64_t live_bytes);
  ScopeProfile finish(std::uint64_t peak_number) &&;

 private:
  struct StackUse {
    std::uint64_t bytes = 0;
    std::uint64_t blocks = 0;
    std::uint64_t peak_bytes = 0;
    std::uint64_t peak_blocks = 0;
    std::uint64_t synced = 0;

    void sync(std::uint64_t peak_number);
  };
  struct Watched {
    std::uint64_t peak_number = 0;
    tsl::robin_map<StackId, StackUse> uses;
    tsl::robin_map<StackId, Escape> escapes;
  };

  void count_birth(OriginId origin, StackId stack, std::uint64_t size,
                   std::uint64_t peak_number);
  void count_death(OriginId origin, StackId stack, std::uint64_t size,
                   std::uint64_t peak_number);
  void escape(ScopeId scope, StackId stack, std::uint64_t size, bool is_live);
  void close(const OpenScopes::Closed& closed, ScopeEnding ending,
             const Moment& moment);
  void keep_captured(Scope& scope, const std::vector<CapturedValue>& captured);
  void capture(OpenScopes::Open& open, const decode::Event& event,
               std::uint32_t rule, ScopeRules::Moment when);
  Watched* watched(ScopeId scope);
  void number_scopes();
  void hand_over_watched();

  BlockTracker* tracker_ = nullptr;
  HeapObserver* observer_;
  ScopeRules rules_;
  OpenScopes open_;
  LabelModel labels_;
  LevelMaxima levels_;
  ScopeProfile profile_;
  std::vector<std::uint64_t> begun_;               // by rule
  tsl::robin_map<std::uint64_t, Escape> escapes_;  // rule << 32 | stack
  std::vector<ScopeId> watched_ids_;               // sorted
  std::vector<Watched> watched_;
  // Closed since the last sample of the resident set: the next may be nearer.
  std::vector<ScopeId> unsampled_;
  std::uint64_t resident_bytes_ = 0;
  std::int64_t resident_ns_ = 0;
};

}  // namespace sagemem::model
