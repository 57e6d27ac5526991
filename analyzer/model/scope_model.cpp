// SPDX-License-Identifier: Apache-2.0
#include "model/scope_model.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "sagemem/trace/format.h"

namespace sagemem::model {
namespace {

// Notes of any number of names may come while a scope is open.
constexpr std::size_t kMaxCaptured = 64;

}  // namespace

ScopeModel::ScopeModel(std::size_t writers, const StackTree& stacks,
                       const std::vector<ScopeId>& watched,
                       HeapObserver* observer)
    : observer_(observer),
      open_(writers),
      labels_(rules_, stacks),
      watched_ids_(watched) {
  std::sort(watched_ids_.begin(), watched_ids_.end());
  watched_.resize(watched_ids_.size());
}

// -------------------------------------------------------------------- events

void ScopeModel::begin(const decode::Event& event, const Moment& moment) {
  if (profile_.scopes.size() >= kNoScope) {
    throw std::length_error("too many scopes");
  }
  OpenScopes::Open open;
  open.scope = static_cast<ScopeId>(profile_.scopes.size());
  open.rule = rules_.index(event.rule);
  open.is_process_wide = event.is_process_wide;
  capture(open, event, open.rule, ScopeRules::Moment::Begin);
  Scope scope;
  scope.rule = open.rule;
  scope.thread = moment.thread;
  scope.begin_ns = moment.time_ns;
  const OpenScopes::Open* const outer = open_.innermost(moment.writer);
  if (outer != nullptr) scope.outer = outer->scope;
  if (!open_.begin(moment.writer, open)) {
    ++profile_.too_deep;
    return;
  }
  profile_.scopes.push_back(scope);
  levels_.start(open.scope, moment.live_bytes);
  if (tracker_ != nullptr) tracker_->begin_scope(open.scope);
}

void ScopeModel::end(const decode::Event& event, const Moment& moment) {
  if (open_.pass_over_end(moment.writer)) return;
  const std::uint32_t rule = rules_.index(event.rule);
  std::vector<OpenScopes::Closed> closed = open_.end(moment.writer, rule);
  if (closed.empty()) {
    ++profile_.unmatched_ends;
    return;
  }
  capture(closed.back().open, event, rule, ScopeRules::Moment::End);
  const ScopeEnding ending =
      event.is_abandoned ? ScopeEnding::Abandoned : ScopeEnding::Closed;
  for (const OpenScopes::Closed& one : closed) {
    close(one, one.is_outermost ? ending : ScopeEnding::ByOuter, moment);
  }
  if (open_.is_empty()) levels_.clear();
}

void ScopeModel::end_thread(const Moment& moment) {
  for (const OpenScopes::Closed& one : open_.end_thread(moment.writer)) {
    close(one, ScopeEnding::ThreadEnded, moment);
  }
  if (open_.is_empty()) levels_.clear();
}

void ScopeModel::note(const decode::Event& event) {
  const std::uint32_t rule = rules_.index(event.rule);
  OpenScopes::Open* const open = open_.innermost(event.writer_index);
  if (open == nullptr) {
    ++profile_.unmatched_notes;
    return;
  }
  capture(*open, event, rule, ScopeRules::Moment::Begin);
}

void ScopeModel::label(const decode::Event& event) {
  if (event.values.empty()) return;
  const std::uint32_t rule = rules_.index(event.rule);
  const LabelSetId before = open_.labels(event.writer_index);
  open_.set_labels(event.writer_index,
                   labels_.change(before, rule, event.values.front()));
}

void ScopeModel::snapshot(std::string_view label, const Moment& moment) {
  profile_.snapshots.push_back(
      {std::string(label), moment.time_ns, moment.live_bytes});
}

// Of several values with one name the last counts.  What could not be read is
// as if it had not been asked for.
void ScopeModel::capture(OpenScopes::Open& open, const decode::Event& event,
                         std::uint32_t rule, ScopeRules::Moment when) {
  for (std::size_t i = 0; i < event.values.size(); ++i) {
    if (event.values[i] == trace::kUnknownValue) continue;
    const std::uint32_t key = rules_.key(rule, when, i);
    const auto found = std::find_if(
        open.captured.begin(), open.captured.end(),
        [key](const CapturedValue& value) { return value.key == key; });
    if (found != open.captured.end()) {
      found->value = event.values[i];
    } else if (open.captured.size() < kMaxCaptured) {
      open.captured.push_back({key, event.values[i]});
    }
  }
}

// -------------------------------------------------------------------- blocks

void ScopeModel::count_birth(OriginId origin, StackId stack, std::uint64_t size,
                             std::uint64_t peak_number) {
  open_.each_scope(origin, [&](ScopeId id) {
    Scope& scope = profile_.scopes[id];
    scope.allocated_bytes += size;
    ++scope.allocated_blocks;
    Watched* const watch = watched(id);
    if (watch != nullptr) {
      StackUse& use = watch->uses[stack];
      use.sync(watch->peak_number);
      use.bytes += size;
      ++use.blocks;
    }
    scope.live_bytes += size;
    ++scope.live_blocks;
    if (scope.live_bytes > scope.peak_bytes) {
      scope.peak_bytes = scope.live_bytes;
      if (watch != nullptr) ++watch->peak_number;
    }
  });
  labels_.birth(open_.labels_of(origin), stack, size, peak_number);
}

void ScopeModel::count_death(OriginId origin, StackId stack, std::uint64_t size,
                             std::uint64_t peak_number) {
  open_.each_scope(origin, [&](ScopeId id) {
    Scope& scope = profile_.scopes[id];
    scope.live_bytes -= size;
    --scope.live_blocks;
    Watched* const watch = watched(id);
    if (watch != nullptr) {
      StackUse& use = watch->uses[stack];
      use.sync(watch->peak_number);
      use.bytes -= size;
      --use.blocks;
    }
    if (scope.is_closed()) escape(id, stack, size, false);
  });
  labels_.death(open_.labels_of(origin), stack, size, peak_number);
}

void ScopeModel::remain(OriginId origin, StackId stack, std::uint64_t size) {
  if (open_.is_plain(origin)) return;
  open_.each_scope(origin, [&](ScopeId id) {
    if (profile_.scopes[id].is_closed()) escape(id, stack, size, true);
  });
}

void ScopeModel::escape(ScopeId scope, StackId stack, std::uint64_t size,
                        bool is_live) {
  const auto count = [&](Escape& escape, std::uint32_t owner) {
    escape.owner = owner;
    escape.stack = stack;
    ++escape.blocks;
    escape.bytes += size;
    if (!is_live) return;
    ++escape.live_blocks;
    escape.live_bytes += size;
  };
  const std::uint32_t rule = profile_.scopes[scope].rule;
  count(escapes_[std::uint64_t{rule} << 32 | stack], rule);
  Watched* const watch = watched(scope);
  if (watch != nullptr) count(watch->escapes[stack], scope);
}

void ScopeModel::StackUse::sync(std::uint64_t peak_number) {
  if (synced == peak_number) return;
  synced = peak_number;
  peak_bytes = bytes;
  peak_blocks = blocks;
}

ScopeModel::Watched* ScopeModel::watched(ScopeId scope) {
  if (watched_ids_.empty()) return nullptr;
  const auto found =
      std::lower_bound(watched_ids_.begin(), watched_ids_.end(), scope);
  if (found == watched_ids_.end() || *found != scope) return nullptr;
  return &watched_[static_cast<std::size_t>(found - watched_ids_.begin())];
}

// ----------------------------------------------------------------- their ends

void ScopeModel::close(const OpenScopes::Closed& closed, ScopeEnding ending,
                       const Moment& moment) {
  const ScopeId id = closed.open.scope;
  Scope& scope = profile_.scopes[id];
  scope.ending = ending;
  scope.end_ns = moment.time_ns;
  scope.total_peak_bytes = levels_.since(id);
  scope.floor_bytes = moment.live_bytes;
  scope.resident_bytes = resident_bytes_;
  scope.resident_distance_ns =
      resident_bytes_ != 0 ? resident_ns_ - scope.end_ns : 0;
  keep_captured(scope, closed.open.captured);
  if (ending != ScopeEnding::Open) {
    scope.escaped_bytes = scope.live_bytes;
    scope.escaped_blocks = scope.live_blocks;
    unsampled_.push_back(id);
    if (tracker_ != nullptr) tracker_->end_scope(id);
    if (observer_ != nullptr) observer_->close_scope(id);
  }
}

void ScopeModel::keep_captured(Scope& scope,
                               const std::vector<CapturedValue>& captured) {
  scope.first_captured = profile_.captured.size();
  scope.captured = static_cast<std::uint16_t>(captured.size());
  profile_.captured.insert(profile_.captured.end(), captured.begin(),
                           captured.end());
}

void ScopeModel::sample_resident(std::uint64_t bytes, std::int64_t time_ns) {
  for (const ScopeId id : unsampled_) {
    Scope& scope = profile_.scopes[id];
    const std::int64_t after = time_ns - scope.end_ns;
    if (scope.resident_bytes == 0 || after < -scope.resident_distance_ns) {
      scope.resident_bytes = bytes;
      scope.resident_distance_ns = after;
    }
  }
  unsampled_.clear();
  resident_bytes_ = bytes;
  resident_ns_ = time_ns;
}

void ScopeModel::end_all(std::int64_t time_ns, std::uint64_t live_bytes) {
  const Moment moment{0, kNoThread, time_ns, live_bytes};
  for (const OpenScopes::Closed& one : open_.end_all()) {
    close(one, ScopeEnding::Open, moment);
  }
}

ScopeProfile ScopeModel::finish(std::uint64_t peak_number) && {
  for (const auto& [key, escape] : escapes_) {
    profile_.escapes.push_back(escape);
  }
  std::sort(profile_.escapes.begin(), profile_.escapes.end(),
            [](const Escape& a, const Escape& b) {
              return std::tie(a.owner, a.stack) < std::tie(b.owner, b.stack);
            });
  hand_over_watched();
  std::move(labels_).finish(peak_number, profile_);
  ScopeRules::Named named = std::move(rules_).finish();
  profile_.rules = std::move(named.rules);
  profile_.keys = std::move(named.keys);
  number_scopes();
  return std::move(profile_);
}

// The captured number; else how many scopes of its name began before.
void ScopeModel::number_scopes() {
  std::map<std::string_view, std::int64_t> counts;
  std::vector<std::int64_t*> count_of_rule;
  for (const ScopeRule& rule : profile_.rules) {
    count_of_rule.push_back(&counts[rule.name]);
  }
  for (Scope& scope : profile_.scopes) {
    scope.number = (*count_of_rule[scope.rule])++;
    for (const CapturedValue& value : profile_.captured_of(scope)) {
      if (profile_.keys[value.key] != trace::kScopeNumber) continue;
      scope.number = value.value;
      scope.has_number = true;
    }
  }
}

void ScopeModel::hand_over_watched() {
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    for (auto& [stack, value] : watched_[i].uses) {
      StackUse use = value;
      use.sync(watched_[i].peak_number);
      if (use.peak_blocks == 0) continue;
      profile_.scope_peaks.push_back(
          {watched_ids_[i], stack, use.peak_bytes, use.peak_blocks});
    }
    for (const auto& [stack, escape] : watched_[i].escapes) {
      profile_.scope_escapes.push_back(escape);
    }
  }
  std::sort(profile_.scope_peaks.begin(), profile_.scope_peaks.end(),
            [](const ScopePeakUse& a, const ScopePeakUse& b) {
              return std::tie(a.scope, a.stack) < std::tie(b.scope, b.stack);
            });
  std::sort(profile_.scope_escapes.begin(), profile_.scope_escapes.end(),
            [](const Escape& a, const Escape& b) {
              return std::tie(a.owner, a.stack) < std::tie(b.owner, b.stack);
            });
}

}  // namespace sagemem::model
