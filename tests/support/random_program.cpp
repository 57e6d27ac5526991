// SPDX-License-Identifier: Apache-2.0
#include "random_program.h"

#include <optional>
#include <set>

namespace sagemem::test {
namespace {

using trace::Api;
using trace::Kind;

// Hands out the address that was freed last first.
class Addresses {
 public:
  std::uint64_t take() {
    if (free_.empty()) return next_ += 48;
    const std::uint64_t address = free_.back();
    free_.pop_back();
    return address;
  }
  void give_back(std::uint64_t address) { free_.push_back(address); }

 private:
  std::vector<std::uint64_t> free_;
  std::uint64_t next_ = 0x7f0000001000;
};

// The second half of a realloc that a thread is in.
struct PendingRealloc {
  std::uint64_t new_address;  // 0: it fails or releases
  std::uint64_t old_address;  // lives on when it fails
  std::uint64_t size;
};

struct ThreadState {
  Stack stack;
  std::optional<PendingRealloc> pending;
};

class Generator {
 public:
  explicit Generator(const ProgramOptions& options)
      : options_(options), random_(options.seed), threads_(options.threads) {}

  std::vector<Step> run() && {
    while (steps_.size() < options_.steps) {
      const auto thread =
          static_cast<std::uint32_t>(random_.below(threads_.size()));
      ThreadState& state = threads_[thread];
      if (options_.has_scopes && random_.chance(25)) {
        scope(thread);
      } else if (state.pending) {
        end_realloc(thread, state);
      } else {
        walk(state.stack);
        call(thread, state);
      }
    }
    return std::move(steps_);
  }

 private:
  // Returns from some functions, calls some others.
  void walk(Stack& stack) {
    std::uint64_t returns = random_.below(3);
    for (; returns > 0 && !stack.empty(); --returns) stack.pop_back();
    std::uint64_t calls = random_.below(4);
    for (; calls > 0 && stack.size() < options_.max_depth; --calls) {
      const std::uint64_t outer = stack.empty() ? 0x400000 : stack.back();
      stack.push_back(outer + 1 + 16 * (1 + random_.below(options_.branches)));
    }
  }

  void call(std::uint32_t thread, ThreadState& state) {
    if (options_.has_unknown && random_.chance(1)) {
      add(thread, Kind::Free, 0, 0x10 + 16 * random_.below(100), {}, Api::Free);
    } else if (random_.chance(2)) {
      add(thread, Kind::AllocFailed, random_.next() >> 8, 0, state.stack,
          Api::Malloc);
    } else if (live_.empty() ||
               (live_.size() < options_.max_live && random_.chance(50))) {
      allocate(thread, state);
    } else if (random_.chance(30)) {
      begin_realloc(thread, state);
    } else {
      release(thread, pick());
    }
  }

  void allocate(std::uint32_t thread, const ThreadState& state) {
    const std::uint64_t address = addresses_.take();
    live_.push_back(address);
    const Api api = random_.chance(70) ? Api::Malloc : Api::OperatorNew;
    add(thread, Kind::Alloc, size(), address, state.stack, api);
    // Temporary, as very many are.
    if (steps_.size() == options_.steps || !random_.chance(25)) return;
    live_.pop_back();
    release(thread, address);
  }

  void release(std::uint32_t thread, std::uint64_t address) {
    addresses_.give_back(address);
    const Api api = random_.chance(70) ? Api::Free : Api::OperatorDelete;
    add(thread, Kind::Free, 0, address, {}, api);
  }

  void begin_realloc(std::uint32_t thread, ThreadState& state) {
    const std::uint64_t old_address = pick();
    add(thread, Kind::ReallocBegin, 0, old_address, {}, Api::Unknown);
    PendingRealloc pending{old_address, old_address, size()};
    const std::uint64_t outcome = random_.below(10);
    if (outcome == 0) {  // fails
      pending.new_address = 0;
      pending.size += 1;
    } else if (outcome == 1) {  // realloc(p, 0)
      pending.new_address = 0;
      pending.size = 0;
      addresses_.give_back(old_address);
    } else if (outcome < 7) {  // moves: others may get the old address now
      pending.new_address = addresses_.take();
      addresses_.give_back(old_address);
    }
    state.pending = pending;
  }

  void end_realloc(std::uint32_t thread, ThreadState& state) {
    const PendingRealloc pending = *state.pending;
    state.pending.reset();
    add(thread, Kind::ReallocEnd, pending.size, pending.new_address,
        state.stack, Api::Realloc);
    if (pending.new_address != 0) {
      live_.push_back(pending.new_address);
    } else if (pending.size != 0) {
      live_.push_back(pending.old_address);
    }
  }

  // Ends come without begins too, and begins without ends.
  void scope(std::uint32_t thread) {
    const std::uint64_t rule = 1 + random_.below(3);
    const std::uint64_t what = random_.below(10);
    if (what < 3) {
      const bool is_process_wide = rule == kProcessRule;
      add_scope(thread, Kind::ScopeBegin, rule, is_process_wide);
    } else if (what < 7) {
      add_scope(thread, Kind::ScopeEnd, rule, random_.chance(20));
    } else if (what < 9) {
      add_scope(thread, Kind::Label, kLabelRules[random_.below(2)], false);
    } else {
      add_scope(thread, Kind::Note, kNoteRule, false);
    }
  }

  void add_scope(std::uint32_t thread, Kind kind, std::uint64_t rule,
                 bool has_flag) {
    add(thread, kind, 0, 0, {}, Api::Unknown);
    Step& step = steps_.back();
    step.rule = rule;
    step.has_flag = has_flag;
    const std::uint64_t count = rule == kPlainRule ? random_.below(3) : 1;
    for (std::uint64_t i = 0; i < count; ++i) {
      step.values.push_back(static_cast<std::int64_t>(random_.below(7)) - 3);
    }
  }

  // A live block that nobody is reallocating, taken off the list.
  std::uint64_t pick() {
    const auto index = static_cast<std::size_t>(random_.below(live_.size()));
    const std::uint64_t address = live_[index];
    live_[index] = live_.back();
    live_.pop_back();
    return address;
  }

  std::uint64_t size() { return random_.next() >> (44 + random_.below(20)); }

  void add(std::uint32_t thread, Kind kind, std::uint64_t bytes,
           std::uint64_t address, const Stack& stack, Api api) {
    ticks_ += 1 + random_.below(200);
    steps_.push_back({kind, thread + 1, ticks_, bytes, address, stack, api,
                      /*rule=*/0, /*values=*/{}, /*has_flag=*/false});
  }

  const ProgramOptions& options_;
  Random random_;
  Addresses addresses_;
  std::vector<ThreadState> threads_;
  std::vector<std::uint64_t> live_;
  std::vector<Step> steps_;
  std::uint64_t ticks_ = 1000;
};

}  // namespace

std::uint64_t Random::next() {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return state_ * 0x2545f4914f6cdd1d;
}

std::vector<Step> make_program(const ProgramOptions& options) {
  return Generator(options).run();
}

void append_probes(TraceBuilder& trace) {
  for (std::size_t i = 0; i < 2; ++i) {
    ProbeText probe;
    probe.rule = kLabelRules[i];
    probe.roles = trace::kProbeBegins;
    probe.method = trace::ProbeMethod::CallThrough;
    probe.address = kLabelStarts[i];
    probe.size = kLabelBytes;
    trace.probe(0, probe);
  }
}

void append_rules(TraceBuilder& trace, std::uint64_t ticks) {
  using trace::RuleUse;
  trace.scope_rule(ticks, {kNumberedRule,
                           RuleUse::Scope,
                           0,
                           "numbered",
                           {{"number", false}, {"last", true}}});
  trace.scope_rule(ticks, {kPlainRule, RuleUse::Scope, 0, "plain", {}});
  trace.scope_rule(
      ticks,
      {kProcessRule, RuleUse::Scope, trace::kRuleIsProcessWide, "process", {}});
  trace.scope_rule(ticks, {kLabelRules[0], RuleUse::Label, 0, "kind", {}});
  trace.scope_rule(ticks, {kLabelRules[1], RuleUse::Label, 0, "part", {}});
  trace.scope_rule(ticks, {kNoteRule, RuleUse::Note, 0, "noted", {}});
}

void append(const std::vector<Step>& steps, TraceBuilder& trace) {
  std::set<std::uint32_t> known;
  for (const Step& step : steps) {
    if (known.insert(step.writer).second) {
      trace.thread(step.writer, step.ticks,
                   100 + static_cast<std::int32_t>(step.writer));
    }
    switch (step.kind) {
      case Kind::Alloc:
        trace.alloc(step.writer, step.ticks, step.size, step.address,
                    step.stack, step.api);
        break;
      case Kind::AllocFailed:
        trace.alloc_failed(step.writer, step.ticks, step.size, step.stack,
                           step.api);
        break;
      case Kind::Free:
        trace.free(step.writer, step.ticks, step.address, step.api);
        break;
      case Kind::ReallocBegin:
        trace.realloc_begin(step.writer, step.ticks, step.address);
        break;
      case Kind::ReallocEnd:
        trace.realloc_end(step.writer, step.ticks, step.size, step.address,
                          step.stack, step.api);
        break;
      case Kind::ScopeBegin:
        trace.scope_begin(step.writer, step.ticks, step.rule, step.values,
                          step.has_flag);
        break;
      case Kind::ScopeEnd:
        trace.scope_end(step.writer, step.ticks, step.rule, step.values,
                        step.has_flag);
        break;
      case Kind::Label:
        trace.label(step.writer, step.ticks, step.rule, step.values);
        break;
      case Kind::Note:
        trace.note(step.writer, step.ticks, step.rule, step.values);
        break;
      default:
        break;
    }
  }
}

}  // namespace sagemem::test
