// SPDX-License-Identifier: Apache-2.0
//
// Which blocks a replay counts.  It is decided once for each block, when it is
// born, so that all that follows - peaks, leaks, scopes - is exact for the
// chosen ones: the others are followed too, as their releases must be known,
// and count for nothing.
//
//   every kind of condition has to hold; of several of one kind, one
//
// What depends on names is worked out beforehand, from an earlier replay, which
// meets the same stacks, threads and scopes under the same ids.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/scope_model.h"
#include "model/stack_tree.h"

namespace sagemem::model {

// Both ends belong to it.
template <typename Number>
struct Range {
  Number low = 0;
  Number high = 0;

  [[nodiscard]] bool holds(Number value) const {
    return low <= value && value <= high;
  }
};

struct BlockFilter {
  // By id.  What has an id beyond is not chosen: the trace grew in between.
  std::optional<std::vector<bool>> stacks;
  std::optional<std::vector<bool>> threads;
  std::optional<std::vector<bool>> scopes;  // born in one of them
  std::vector<Range<std::uint64_t>> sizes;
  std::vector<Range<std::int64_t>> times_ns;  // of birth

  [[nodiscard]] bool is_empty() const {
    return !stacks && !threads && !scopes && sizes.empty() && times_ns.empty();
  }
};

class BlockChooser {
 public:
  struct Birth {
    StackId stack = kRootStack;
    std::uint32_t thread = kNoThread;
    OriginId origin = 0;
    std::uint64_t size = 0;
    std::int64_t time_ns = 0;
  };

  BlockChooser(const BlockFilter& filter, const ScopeModel& scopes)
      : filter_(filter), scopes_(scopes), is_used_(!filter.is_empty()) {}

  [[nodiscard]] bool is_used() const { return is_used_; }

  [[nodiscard]] bool chooses(const Birth& birth) const {
    return in(filter_.stacks, birth.stack) &&
           in(filter_.threads, birth.thread) && in_scopes(birth.origin) &&
           in(filter_.sizes, birth.size) && in(filter_.times_ns, birth.time_ns);
  }

 private:
  [[nodiscard]] static bool in(const std::optional<std::vector<bool>>& chosen,
                               std::size_t id) {
    return !chosen || (id < chosen->size() && (*chosen)[id]);
  }
  template <typename Number>
  [[nodiscard]] static bool in(const std::vector<Range<Number>>& ranges,
                               Number value) {
    return ranges.empty() ||
           std::any_of(ranges.begin(), ranges.end(),
                       [value](const auto& one) { return one.holds(value); });
  }
  [[nodiscard]] bool in_scopes(OriginId origin) const {
    if (!filter_.scopes) return true;
    bool found = false;
    scopes_.each_scope(origin, [&](ScopeId scope) {
      found = found || in(filter_.scopes, scope);
    });
    return found;
  }

  const BlockFilter& filter_;
  const ScopeModel& scopes_;
  const bool is_used_;
};

}  // namespace sagemem::model
