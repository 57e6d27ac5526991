// SPDX-License-Identifier: Apache-2.0
#include "slow_model.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace sagemem::test {
namespace {

using trace::Kind;

struct SlowBlock {
  std::uint64_t size;
  Stack stack;
  std::uint32_t writer;
  std::uint64_t ordinal;  // which allocation of its writer it was
};

// A realloc between its two records.
struct SlowMove {
  std::uint64_t address;
  std::optional<SlowBlock> block;
  bool is_temporary;
  std::size_t begun;  // counts reallocs
};

class Simulation {
 public:
  SlowModel run(const std::vector<Step>& steps,
                const AfterStep& after_step) && {
    for (const Step& step : steps) {
      apply(step);
      note_peak(step);
      if (after_step) after_step(step, model_);
    }
    end_moves();
    for (auto& [stack, use] : model_.uses) {
      const auto at_peak = peak_.find(stack);
      if (at_peak == peak_.end()) continue;
      use.peak_bytes = at_peak->second.live_bytes;
      use.peak_blocks = at_peak->second.live_blocks;
    }
    return std::move(model_);
  }

 private:
  void apply(const Step& step) {
    const bool is_temporary = is_last_of_its_thread(step.address);
    switch (step.kind) {
      case Kind::Alloc:
        allocate(step);
        break;
      case Kind::Free:
        release(step, take(step.address), is_temporary);
        break;
      case Kind::ReallocBegin:
        moving_[step.writer] = {step.address, take(step.address), is_temporary,
                                begun_++};
        break;
      case Kind::ReallocEnd:
        end_realloc(step);
        break;
      case Kind::AllocFailed:
        ++model_.failed;
        break;
      default:
        break;
    }
  }

  // A realloc that never returned left its block where it was, unless another
  // one was born there later.
  void end_moves() {
    std::map<std::size_t, SlowMove, std::greater<>> latest_first;
    for (const auto& [writer, move] : moving_) latest_first[move.begun] = move;
    for (const auto& [begun, move] : latest_first) {
      if (!move.block) continue;
      if (!blocks_.emplace(move.address, *move.block).second) {
        remove(*move.block);
      }
    }
  }

  bool is_last_of_its_thread(std::uint64_t address) {
    const auto found = blocks_.find(address);
    if (found == blocks_.end()) return false;
    const SlowBlock& block = found->second;
    return model_.allocations_by_writer[block.writer] == block.ordinal;
  }

  void allocate(const Step& step) {
    SlowUse& use = model_.uses[step.stack];
    ++use.allocations;
    use.bytes_allocated += step.size;
    use.live_bytes += step.size;
    ++use.live_blocks;
    use.own_peak_bytes = std::max(use.own_peak_bytes, use.live_bytes);
    ++model_.allocations;
    model_.bytes_allocated += step.size;
    model_.live_bytes += step.size;
    ++model_.live_blocks;
    unsigned width = 0;
    while (width < 64 && step.size >> width != 0) ++width;
    ++model_.sizes[width];
    const std::uint64_t ordinal = ++model_.allocations_by_writer[step.writer];
    blocks_[step.address] = {step.size, step.stack, step.writer, ordinal};
  }

  std::optional<SlowBlock> take(std::uint64_t address) {
    const auto found = blocks_.find(address);
    if (found == blocks_.end()) return std::nullopt;
    const SlowBlock block = found->second;
    blocks_.erase(found);
    return block;
  }

  void remove(const SlowBlock& block) {
    SlowUse& use = model_.uses[block.stack];
    use.live_bytes -= block.size;
    --use.live_blocks;
    model_.live_bytes -= block.size;
    --model_.live_blocks;
    ++model_.releases;
    model_.bytes_released += block.size;
  }

  void release(const Step& step, const std::optional<SlowBlock>& block,
               bool is_temporary) {
    if (!block) {
      ++model_.unknown_releases;
      return;
    }
    remove(*block);
    ++model_.releases_by_writer[step.writer];
    if (is_temporary) {
      ++model_.uses[block->stack].temporary;
      ++model_.temporary;
    }
  }

  void end_realloc(const Step& step) {
    const SlowMove move = moving_[step.writer];
    moving_.erase(step.writer);
    if (step.address == 0 && step.size != 0) {
      ++model_.failed;
      if (move.block) blocks_[move.address] = *move.block;
      return;
    }
    release(step, move.block, step.address == 0 && move.is_temporary);
    if (step.address == 0) return;
    if (move.block) ++model_.reallocations;
    allocate(step);
  }

  void note_peak(const Step& step) {
    if (model_.live_bytes <= model_.peak_bytes) return;
    model_.peak_bytes = model_.live_bytes;
    model_.peak_blocks = model_.live_blocks;
    model_.peak_ticks = step.ticks;
    peak_ = model_.uses;
  }

  SlowModel model_;
  std::map<Stack, SlowUse> peak_;
  std::map<std::uint64_t, SlowBlock> blocks_;
  std::map<std::uint32_t, SlowMove> moving_;  // by writer
  std::size_t begun_ = 0;
};

}  // namespace

SlowModel run_slowly(const std::vector<Step>& steps,
                     const AfterStep& after_step) {
  return Simulation().run(steps, after_step);
}

}  // namespace sagemem::test
