// SPDX-License-Identifier: Apache-2.0
#include "slow_history.h"

#include <functional>
#include <map>

namespace sagemem::test {
namespace {

using trace::Kind;

// A realloc between its two records.
struct Move {
  std::uint64_t address = 0;
  std::optional<std::size_t> life;
  bool is_temporary = false;
  std::size_t begun = 0;  // counts reallocs
};

class Writer {
 public:
  explicit Writer(const SlowScopes& scopes) : scopes_(scopes) {}

  SlowHistory run(const std::vector<Step>& steps) && {
    for (const Step& step : steps) {
      apply(step);
      ++history_.steps;
    }
    end_moves();
    return std::move(history_);
  }

 private:
  void apply(const Step& step) {
    switch (step.kind) {
      case Kind::Alloc:
        allocate(step, false);
        break;
      case Kind::Free: {
        const bool is_temporary = is_last(step.address);
        end(take(step.address), step, is_temporary);
        break;
      }
      case Kind::ReallocBegin: {
        const bool is_temporary = is_last(step.address);
        moves_[step.writer] = {step.address, take(step.address), is_temporary,
                               begun_++};
        break;
      }
      case Kind::ReallocEnd:
        end_realloc(step);
        break;
      default:
        break;
    }
  }

  void allocate(const Step& step, bool is_from_realloc) {
    SlowLife life;
    life.size = step.size;
    life.stack = step.stack;
    life.writer = step.writer;
    life.born = history_.steps;
    life.born_ticks = step.ticks;
    life.is_from_realloc = is_from_realloc;
    for (std::size_t i = 0; i < scopes_.scopes.size(); ++i) {
      const SlowScope& scope = scopes_.scopes[i];
      const bool is_open =
          scope.begin_ticks < step.ticks &&
          (scope.ending == SlowEnding::Open || step.ticks < scope.end_ticks);
      if (is_open && (scope.is_process_wide || scope.writer == step.writer))
        life.scopes.insert(i);
    }
    live_[step.address] = history_.lives.size();
    last_[step.writer] = history_.lives.size();
    history_.lives.push_back(std::move(life));
  }

  void end_realloc(const Step& step) {
    const Move move = moves_[step.writer];
    moves_.erase(step.writer);
    if (step.address == 0 && step.size != 0) {
      if (move.life) live_[move.address] = *move.life;
      return;
    }
    end(move.life, step, step.address == 0 && move.is_temporary);
    if (step.address != 0) allocate(step, move.life.has_value());
  }

  void end(std::optional<std::size_t> index, const Step& step,
           bool is_temporary) {
    if (!index) return;
    SlowLife& life = history_.lives[*index];
    life.died = history_.steps;
    life.died_ticks = step.ticks;
    life.freed_by = step.writer;
    life.is_temporary = is_temporary;
  }

  // The last realloc to begin has its address first.
  void end_moves() {
    std::map<std::size_t, Move, std::greater<>> latest_first;
    for (const auto& [writer, move] : moves_) latest_first[move.begun] = move;
    for (const auto& [begun, move] : latest_first) {
      if (!move.life) continue;
      if (!live_.emplace(move.address, *move.life).second)
        history_.lives[*move.life].died = history_.steps;
    }
  }

  std::optional<std::size_t> take(std::uint64_t address) {
    const auto found = live_.find(address);
    if (found == live_.end()) return std::nullopt;
    const std::size_t index = found->second;
    live_.erase(found);
    return index;
  }

  bool is_last(std::uint64_t address) {
    const auto found = live_.find(address);
    return found != live_.end() &&
           last_[history_.lives[found->second].writer] == found->second;
  }

  const SlowScopes& scopes_;
  SlowHistory history_;
  std::map<std::uint64_t, std::size_t> live_;  // by address
  std::map<std::uint32_t, Move> moves_;        // by writer
  std::map<std::uint32_t, std::size_t> last_;  // allocation, by writer
  std::size_t begun_ = 0;
};

}  // namespace

SlowHistory SlowHistory::select(
    const std::function<bool(const SlowLife&)>& chooses) const {
  SlowHistory part;
  part.steps = steps;
  for (const SlowLife& life : lives)
    if (chooses(life)) part.lives.push_back(life);
  return part;
}

SlowAmount SlowHistory::live(std::size_t step) const {
  SlowAmount amount;
  for (const SlowLife& life : lives) {
    if (!life.is_live(step)) continue;
    amount.bytes += life.size;
    ++amount.blocks;
  }
  return amount;
}

std::optional<std::size_t> SlowHistory::peak() const {
  std::optional<std::size_t> best;
  std::uint64_t most = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::uint64_t bytes = live(step).bytes;
    if (bytes <= most) continue;
    most = bytes;
    best = step;
  }
  return best;
}

SlowHistory write_history(const std::vector<Step>& steps,
                          const SlowScopes& scopes) {
  return Writer(scopes).run(steps);
}

}  // namespace sagemem::test
