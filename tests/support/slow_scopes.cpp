// SPDX-License-Identifier: Apache-2.0
#include "slow_scopes.h"

#include <algorithm>
#include <functional>
#include <list>
#include <set>

namespace sagemem::test {
namespace {

using trace::Kind;
using LabelKey = std::pair<std::uint64_t, std::int64_t>;

struct SlowBlock {
  std::uint64_t address;
  std::uint64_t size;
  Stack stack;
  std::set<std::size_t> scopes;
  std::set<LabelKey> labels;
  std::size_t moved;  // which realloc it is in; 0: none
};
using Blocks = std::list<SlowBlock>;

class Simulation {
 public:
  SlowScopes run(const std::vector<Step>& steps) && {
    for (const Step& step : steps) {
      apply(step);
      measure();
    }
    end_moves();
    finish(steps.empty() ? 0 : steps.back().ticks);
    return std::move(result_);
  }

 private:
  void apply(const Step& step) {
    switch (step.kind) {
      case Kind::Alloc:
        allocate(step);
        break;
      case Kind::Free:
        erase(find(step.address));
        break;
      case Kind::ReallocBegin: {
        const auto block = find(step.address);
        ++moves_;
        if (block != blocks_.end()) block->moved = moves_;
        moving_[step.writer] = moves_;
        break;
      }
      case Kind::ReallocEnd:
        end_realloc(step);
        break;
      case Kind::ScopeBegin:
        begin(step);
        break;
      case Kind::ScopeEnd:
        end(step);
        break;
      case Kind::Label:
        labels_[step.writer][step.rule] = step.values.front();
        // Known from here on, whether blocks get it or not.
        result_.labels[{step.rule, step.values.front()}];
        break;
      case Kind::Note:
        note(step);
        break;
      default:
        break;
    }
  }

  // -------------------------------------------------------------- blocks

  Blocks::iterator find(std::uint64_t address) {
    return std::find_if(blocks_.begin(), blocks_.end(), [&](const auto& one) {
      return one.address == address && one.moved == 0;
    });
  }

  void erase(Blocks::iterator block) {
    if (block != blocks_.end()) blocks_.erase(block);
  }

  void allocate(const Step& step) {
    SlowBlock block{step.address, step.size, step.stack, {}, {}, 0};
    for (const std::size_t scope : open_) {
      SlowScope& one = result_.scopes[scope];
      if (!one.is_process_wide && one.writer != step.writer) continue;
      block.scopes.insert(scope);
      one.allocated.bytes += step.size;
      ++one.allocated.blocks;
    }
    for (const auto& [rule, value] : labels_[step.writer]) {
      if (!leads_through(step.stack, rule)) continue;
      block.labels.insert({rule, value});
      SlowLabel& label = result_.labels[{rule, value}];
      label.allocated.bytes += step.size;
      ++label.allocated.blocks;
    }
    blocks_.push_back(std::move(block));
  }

  static bool leads_through(const Stack& stack, std::uint64_t rule) {
    const std::uint64_t start = kLabelStarts[rule == kLabelRules[0] ? 0 : 1];
    return std::any_of(stack.begin(), stack.end(), [&](std::uint64_t pc) {
      return pc > start && pc <= start + kLabelBytes;
    });
  }

  void end_realloc(const Step& step) {
    const std::size_t move = moving_[step.writer];
    const auto block =
        std::find_if(blocks_.begin(), blocks_.end(),
                     [&](const auto& one) { return one.moved == move; });
    if (step.address == 0 && step.size != 0) {
      if (block != blocks_.end()) block->moved = 0;
      return;
    }
    erase(block);
    if (step.address != 0) allocate(step);
  }

  // A realloc that never returned left its block where it was, unless another
  // one was born there later.
  void end_moves() {
    std::map<std::size_t, Blocks::iterator, std::greater<>> latest_first;
    for (auto block = blocks_.begin(); block != blocks_.end(); ++block) {
      if (block->moved != 0) latest_first[block->moved] = block;
    }
    for (const auto& [move, block] : latest_first) {
      if (find(block->address) == blocks_.end()) {
        block->moved = 0;
      } else {
        blocks_.erase(block);
      }
    }
  }

  // -------------------------------------------------------------- scopes

  void begin(const Step& step) {
    SlowScope scope;
    scope.rule = step.rule;
    scope.writer = step.writer;
    scope.is_process_wide = step.has_flag;
    scope.begin_ticks = step.ticks;
    scope.outer = innermost(step.writer);
    capture(scope, step, step.rule == kNumberedRule ? "number" : "begin1",
            "begin");
    open_.push_back(result_.scopes.size());
    result_.scopes.push_back(scope);
  }

  std::optional<std::size_t> innermost(std::uint32_t writer) const {
    for (auto one = open_.rbegin(); one != open_.rend(); ++one) {
      if (result_.scopes[*one].writer == writer) return *one;
    }
    return std::nullopt;
  }

  void end(const Step& step) {
    std::optional<std::size_t> own;
    std::optional<std::size_t> wide;
    for (const std::size_t one : open_) {
      const SlowScope& scope = result_.scopes[one];
      if (scope.rule != step.rule) continue;
      if (scope.writer == step.writer) own = one;
      if (scope.is_process_wide) wide = one;
    }
    const auto target = own ? own : wide;
    if (!target) {
      ++result_.unmatched_ends;
      return;
    }
    capture(result_.scopes[*target], step,
            step.rule == kNumberedRule ? "last" : "end1", "end");
    const std::vector<std::size_t> open = open_;
    for (const std::size_t one : open) {
      const bool is_inner =
          own && one > *target && result_.scopes[one].writer == step.writer;
      if (is_inner) close(one, SlowEnding::ByOuter, step.ticks);
    }
    close(*target, step.has_flag ? SlowEnding::Abandoned : SlowEnding::Closed,
          step.ticks);
  }

  void close(std::size_t number, SlowEnding ending, std::uint64_t ticks) {
    std::erase(open_, number);
    SlowScope& scope = result_.scopes[number];
    scope.ending = ending;
    scope.end_ticks = ticks;
    for (const SlowBlock& block : blocks_) {
      scope.floor_bytes += block.size;
      if (!block.scopes.contains(number)) continue;
      scope.escaped[block.stack].bytes += block.size;
      ++scope.escaped[block.stack].blocks;
    }
  }

  static void capture(SlowScope& scope, const Step& step,
                      const std::string& first, const std::string& other) {
    for (std::size_t i = 0; i < step.values.size(); ++i) {
      const std::string name = i == 0 ? first : other + std::to_string(i + 1);
      scope.captured[name] = step.values[i];
    }
  }

  void note(const Step& step) {
    const auto scope = innermost(step.writer);
    if (!scope) {
      ++result_.unmatched_notes;
      return;
    }
    result_.scopes[*scope].captured["noted"] = step.values.front();
  }

  // -------------------------------------------------------- after each step

  void measure() {
    std::uint64_t total = 0;
    for (const SlowBlock& block : blocks_) total += block.size;
    for (const std::size_t one : open_) {
      SlowScope& scope = result_.scopes[one];
      scope.total_peak_bytes = std::max(scope.total_peak_bytes, total);
      std::uint64_t own = 0;
      for (const SlowBlock& block : blocks_) {
        if (block.scopes.contains(one)) own += block.size;
      }
      if (own <= scope.peak_bytes) continue;
      scope.peak_bytes = own;
      scope.at_peak.clear();
      for (const SlowBlock& block : blocks_) {
        if (!block.scopes.contains(one)) continue;
        scope.at_peak[block.stack].bytes += block.size;
        ++scope.at_peak[block.stack].blocks;
      }
    }
    measure_labels(total);
  }

  void measure_labels(std::uint64_t total) {
    if (result_.labels.empty() && total <= peak_) return;
    for (auto& [key, label] : result_.labels) {
      label.live = live_of(key);
      label.own_peak_bytes = std::max(label.own_peak_bytes, label.live.bytes);
      if (total > peak_) label.at_peak = label.live;
    }
    peak_ = std::max(peak_, total);
  }

  SlowAmount live_of(const LabelKey& key) const {
    SlowAmount amount;
    for (const SlowBlock& block : blocks_) {
      if (!block.labels.contains(key)) continue;
      amount.bytes += block.size;
      ++amount.blocks;
    }
    return amount;
  }

  void finish(std::uint64_t ticks) {
    for (auto& [key, label] : result_.labels) label.live = live_of(key);
    for (std::size_t i = 0; i < result_.scopes.size(); ++i) {
      SlowScope& scope = result_.scopes[i];
      if (scope.ending == SlowEnding::Open) scope.end_ticks = ticks;
      for (const SlowBlock& block : blocks_) {
        if (!block.scopes.contains(i)) continue;
        scope.live.bytes += block.size;
        ++scope.live.blocks;
        if (scope.ending == SlowEnding::Open) continue;
        scope.never_released[block.stack].bytes += block.size;
        ++scope.never_released[block.stack].blocks;
      }
    }
  }

  SlowScopes result_;
  Blocks blocks_;
  std::map<std::uint32_t, std::size_t> moving_;  // by writer
  std::map<std::uint32_t, std::map<std::uint64_t, std::int64_t>> labels_;
  std::vector<std::size_t> open_;  // in order of their begins
  std::size_t moves_ = 0;
  std::uint64_t peak_ = 0;
};

}  // namespace

SlowScopes run_scopes_slowly(const std::vector<Step>& steps) {
  return Simulation().run(steps);
}

}  // namespace sagemem::test
