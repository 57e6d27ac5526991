// SPDX-License-Identifier: Apache-2.0
#include "analysis/growth.h"

#include <tsl/robin_map.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "analysis/growth_rule.h"

namespace sagemem::analysis {
namespace {

using model::Block;
using model::StackId;

// Different steps that are kept of a site: more of them follow no rule.
constexpr std::size_t kMostSteps = 4096;
// No block is larger; up to here a double is exact.
constexpr std::uint64_t kLargest = std::uint64_t{1} << 53;
constexpr std::array<double, 2> kFactors{1.5, 2};

// A block that has grown, and what other rules would have made of it.
struct Ladder {
  struct Other {
    std::uint64_t capacity = 0;
    FactorCost cost;
  };

  std::uint32_t site = kNoSite;
  StackId stack = model::kRootStack;  // of the first step
  std::uint64_t first = 0;
  std::uint64_t most = 0;  // largest size
  std::uint64_t steps = 0;
  std::uint64_t moves = 0;
  std::uint64_t bytes_copied = 0;
  std::uint64_t bytes_requested = 0;
  std::array<Other, kFactors.size()> others;
};

std::uint64_t grown(std::uint64_t capacity, double factor, std::uint64_t need) {
  // Sizes in a damaged trace may be anything.
  if (capacity > kLargest) return need;
  const auto by_factor = static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(capacity) * factor));
  return std::max(need, by_factor);
}

void grow_otherwise(Ladder& ladder, std::uint64_t need) {
  for (std::size_t i = 0; i < kFactors.size(); ++i) {
    Ladder::Other& other = ladder.others[i];
    FactorCost& cost = other.cost;
    if (need > other.capacity) {
      ++cost.calls;
      cost.bytes_copied += other.capacity;
      other.capacity = grown(other.capacity, kFactors[i], need);
      cost.bytes_requested += other.capacity;
      cost.largest_bytes = std::max(cost.largest_bytes, other.capacity);
    }
    cost.spare_bytes = std::max(cost.spare_bytes, other.capacity - need);
  }
}

void add_cost(FactorCost& sum, const FactorCost& cost) {
  sum.calls += cost.calls;
  sum.bytes_copied += cost.bytes_copied;
  sum.bytes_requested += cost.bytes_requested;
  sum.largest_bytes = std::max(sum.largest_bytes, cost.largest_bytes);
  sum.spare_bytes = std::max(sum.spare_bytes, cost.spare_bytes);
}

class LadderWatch : public model::HeapObserver {
 public:
  explicit LadderWatch(const SiteTable& sites) : sites_(sites) {}

  void allocate(const Place&) override {}

  void release(std::uint64_t address, const Block&) override {
    if (ladders_.empty()) return;
    const auto found = ladders_.find(address);
    if (found == ladders_.end()) return;
    finish(found->second);
    ladders_.erase(found);
  }

  Ticket begin_move(std::uint64_t address, const Block&) override {
    Ticket ticket = moving_.size();
    if (free_tickets_.empty()) {
      moving_.emplace_back();
    } else {
      ticket = free_tickets_.back();
      free_tickets_.pop_back();
    }
    moving_[ticket] = {address, std::nullopt};
    const auto found = ladders_.find(address);
    if (found == ladders_.end()) return ticket;
    moving_[ticket].ladder = found->second;
    ladders_.erase(found);
    return ticket;
  }

  void end_move(Ticket ticket, const Block& old, const Place& place) override {
    Moving moving = take(ticket);
    if (!moving.ladder) {
      moving.ladder = Ladder{};
      begin(*moving.ladder, old.size);
    }
    step(*moving.ladder, old.size, place.block,
         place.address != moving.address);
    ladders_.insert_or_assign(place.address, *moving.ladder);
  }

  void cancel_move(Ticket ticket, std::uint64_t address,
                   const Block&) override {
    const Moving moving = take(ticket);
    if (moving.ladder) ladders_.insert_or_assign(address, *moving.ladder);
  }

  void release_moving(Ticket ticket, const Block&) override {
    const Moving moving = take(ticket);
    if (moving.ladder) finish(*moving.ladder);
  }

  std::vector<GrowthSite> result() && {
    for (const auto& [address, ladder] : ladders_) finish(ladder);
    std::vector<GrowthSite> all;
    for (auto& [site, found] : found_) {
      GrowthSite growth = std::move(found.growth);
      growth.site = site;
      growth.stacks = found.stacks.size();
      name_rule(growth, found.steps);
      all.push_back(std::move(growth));
    }
    return all;
  }

 private:
  struct Moving {
    std::uint64_t address = 0;
    std::optional<Ladder> ladder;
  };
  struct Found {
    GrowthSite growth;
    std::set<StackId> stacks;
    StepCounts steps;
  };

  // A stack that is new since the first replay has none: the trace has grown.
  [[nodiscard]] std::uint32_t site_of(StackId stack) const {
    return stack < sites_.site_of_stack.size() ? sites_.site_of_stack[stack]
                                               : kNoSite;
  }

  Moving take(Ticket ticket) {
    free_tickets_.push_back(ticket);
    return moving_[ticket];
  }

  static void begin(Ladder& ladder, std::uint64_t size) {
    ladder.first = ladder.most = size;
    for (Ladder::Other& other : ladder.others) other.capacity = size;
  }

  void step(Ladder& ladder, std::uint64_t before, const Block& now,
            bool has_moved) {
    if (now.size <= before) {
      // Smaller: the other rules would have let go of as much.
      if (now.size == before) return;
      for (Ladder::Other& other : ladder.others) other.capacity = now.size;
      if (ladder.steps == 0) begin(ladder, now.size);
      return;
    }
    if (ladder.steps == 0) {
      ladder.stack = now.stack;
      ladder.site = site_of(now.stack);
    }
    ++ladder.steps;
    ladder.most = std::max(ladder.most, now.size);
    ladder.bytes_requested += now.size;
    if (has_moved) {
      ++ladder.moves;
      ladder.bytes_copied += before;
    }
    grow_otherwise(ladder, now.size);
    if (ladder.site == kNoSite) return;
    StepCounts& steps = found_[ladder.site].steps;
    const std::pair sizes(before, now.size);
    const auto known = steps.find(sizes);
    if (known != steps.end()) {
      ++known->second;
    } else if (steps.size() < kMostSteps) {
      steps.emplace(sizes, 1);
    }
  }

  void finish(const Ladder& ladder) {
    if (ladder.steps == 0 || ladder.site == kNoSite) return;
    Found& found = found_[ladder.site];
    GrowthSite& growth = found.growth;
    found.stacks.insert(ladder.stack);
    growth.least_steps = growth.ladders == 0
                             ? ladder.steps
                             : std::min(growth.least_steps, ladder.steps);
    growth.most_steps = std::max(growth.most_steps, ladder.steps);
    ++growth.ladders;
    growth.steps += ladder.steps;
    growth.moves += ladder.moves;
    growth.bytes_copied += ladder.bytes_copied;
    growth.bytes_requested += ladder.bytes_requested;
    growth.first.add(ladder.first);
    growth.last.add(ladder.most);
    for (std::size_t i = 0; i < kFactors.size(); ++i) {
      growth.factors[i].factor = kFactors[i];
      add_cost(growth.factors[i], ladder.others[i].cost);
    }
  }

  static void name_rule(GrowthSite& growth, const StepCounts& steps) {
    const GrowthPattern pattern = find_pattern(steps);
    growth.rule = pattern.rule;
    if (growth.rule == GrowthRule::Geometric) growth.factor = pattern.factor;
    if (growth.rule != GrowthRule::Fixed && growth.rule != GrowthRule::Once) {
      return;
    }
    growth.increment = pattern.increment;
    const Elements elements = find_elements(growth.increment, steps);
    growth.count = elements.count;
    growth.unit = elements.unit;
    growth.is_unit_certain = elements.is_certain;
  }

  const SiteTable& sites_;
  tsl::robin_map<std::uint64_t, Ladder> ladders_;  // by address
  std::vector<Moving> moving_;                     // by ticket
  std::vector<Ticket> free_tickets_;
  std::map<std::uint32_t, Found> found_;  // by site
};

}  // namespace

void SizeCounts::add(std::uint64_t size) {
  least_ = total_ == 0 ? size : std::min(least_, size);
  most_ = std::max(most_, size);
  ++total_;
  if (counts_.size() >= kMost && !counts_.contains(size)) {
    const auto width = static_cast<unsigned>(std::bit_width(size));
    const std::uint64_t mask =
        width > 8 ? (std::uint64_t{1} << (width - 8)) - 1 : 0;
    size = (size + mask) & ~mask;
  }
  ++counts_[size];
}

std::uint64_t SizeCounts::quantile(double share) const {
  const double wanted = share * static_cast<double>(total_);
  std::uint64_t seen = 0;
  for (const auto& [size, count] : counts_) {
    seen += count;
    if (static_cast<double>(seen) >= wanted) return std::min(size, most_);
  }
  return most_;
}

std::vector<GrowthSite> find_growth(const SiteTable& sites,
                                    const ReplayAgain& replay) {
  LadderWatch watch(sites);
  model::ReplayOptions again;
  again.heap_observer = &watch;
  static_cast<void>(replay(again));
  std::vector<GrowthSite> found = std::move(watch).result();
  std::sort(found.begin(), found.end(),
            [&sites](const GrowthSite& a, const GrowthSite& b) {
              const symbolize::Location& x = *sites.sites[a.site].location;
              const symbolize::Location& y = *sites.sites[b.site].location;
              return std::tuple(b.bytes_copied, b.steps, x.name(), x.file,
                                x.line, x.module) <
                     std::tuple(a.bytes_copied, a.steps, y.name(), y.file,
                                y.line, y.module);
            });
  return found;
}

}  // namespace sagemem::analysis
