// SPDX-License-Identifier: Apache-2.0
#include "analysis/reuse.h"

#include <tsl/robin_map.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "analysis/glibc_model.h"
#include "analysis/pool_model.h"
#include "analysis/scope_lookup.h"
#include "analysis/slab_model.h"

namespace sagemem::analysis {
namespace {

using model::Block;
using model::ScopeId;

// Choices modelled in one replay: each costs as much as the present allocator.
constexpr std::size_t kAtOnce = 6;
constexpr std::uint64_t kGranule = 8;

// One way to allocate the whole program's blocks.
struct Lane {
  std::unique_ptr<AllocatorModel> rest;
  std::unique_ptr<AllocatorModel> special;  // for blocks of chosen stacks
  ArenaModel* arena = nullptr;              // the same, where it is one
  std::vector<bool> is_chosen;              // by StackId
  std::uint64_t block_bytes = 0;            // of a pool
  std::uint32_t group = ScopeLookup::kNoGroup;
  Held highest;
  std::uint64_t calls = 0;  // for blocks that went to the special one

  [[nodiscard]] bool takes(const Block& block) const {
    if (block.stack >= is_chosen.size() || !is_chosen[block.stack]) {
      return false;
    }
    return block_bytes == 0 ||
           (block.size + kGranule - 1) / kGranule * kGranule == block_bytes;
  }
  [[nodiscard]] std::uint64_t held() const {
    return rest->held_bytes() + (special ? special->held_bytes() : 0);
  }
};

class Simulation : public model::HeapObserver {
 public:
  Simulation(std::vector<Lane>& lanes, const ScopeLookup& lookup)
      : lanes_(lanes), lookup_(lookup) {}

  void start(const model::ScopeModel& scopes,
             const decode::TickClock& clock) override {
    scopes_ = &scopes;
    clock_ = &clock;
  }

  void allocate(const Place& place) override {
    const std::uint32_t slot = take_slot();
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      place_of(slot, i) = put(lanes_[i], place.block);
    }
    slots_[place.address] = slot;
    live_bytes_ += place.block.size;
    note_highest();
  }

  void release(std::uint64_t address, const Block& block) override {
    const auto found = slots_.find(address);
    if (found == slots_.end()) return;
    const std::uint32_t slot = found->second;
    slots_.erase(found);
    release_moving(slot, block);
  }

  Ticket begin_move(std::uint64_t address, const Block&) override {
    const auto found = slots_.find(address);
    if (found == slots_.end()) return kNothing;
    const std::uint32_t slot = found->second;
    slots_.erase(found);
    return slot;
  }

  void end_move(Ticket ticket, const Block& old, const Place& place) override {
    if (ticket == kNothing) return allocate(place);
    const auto slot = static_cast<std::uint32_t>(ticket);
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      Lane& lane = lanes_[i];
      AllocatorModel::Place& at = place_of(slot, i);
      const bool was_taken = lane.takes(old);
      if (was_taken == lane.takes(place.block)) {
        use_scope(lane, place.block);
        lane.calls += was_taken ? 1 : 0;
        AllocatorModel& model = was_taken ? *lane.special : *lane.rest;
        at = model.resize(at, place.block.size);
      } else {
        const AllocatorModel::Place before = at;
        at = put(lane, place.block);
        drop(lane, old, before);
      }
    }
    slots_[place.address] = slot;
    live_bytes_ += place.block.size - old.size;
    note_highest();
  }

  void cancel_move(Ticket ticket, std::uint64_t address,
                   const Block&) override {
    if (ticket == kNothing) return;
    slots_[address] = static_cast<std::uint32_t>(ticket);
  }

  void release_moving(Ticket ticket, const Block& block) override {
    if (ticket == kNothing) return;
    const auto slot = static_cast<std::uint32_t>(ticket);
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      drop(lanes_[i], block, place_of(slot, i));
    }
    free_slots_.push_back(slot);
    live_bytes_ -= block.size;
  }

  void close_scope(ScopeId scope) override {
    for (Lane& lane : lanes_) {
      if (lane.arena != nullptr) lane.arena->close_scope(scope);
    }
  }

  // The first lane is the present allocator.  Beside the heap there are stacks,
  // and data of the program and its libraries: as much as at the first sample.
  void sample_resident(const Resident& sample) override {
    if (sample.bytes <= sample.shared_bytes) return;
    const std::uint64_t own = sample.bytes - sample.shared_bytes;
    const std::uint64_t held = lanes_.front().held();
    if (error.samples++ == 0) beside_ = own > held ? own - held : 0;
    if (own < beside_ || own - beside_ <= error.measured_bytes) return;
    error.measured_bytes = own - beside_;
    error.modelled_bytes = held;
    error.time_ns = clock_->to_ns(sample.ticks);
  }

  ModelError error;

 private:
  static constexpr Ticket kNothing = ~Ticket{0};

  AllocatorModel::Place& place_of(std::uint32_t slot, std::size_t lane) {
    return places_[slot * lanes_.size() + lane];
  }

  std::uint32_t take_slot() {
    if (!free_slots_.empty()) {
      const std::uint32_t slot = free_slots_.back();
      free_slots_.pop_back();
      return slot;
    }
    places_.resize(places_.size() + lanes_.size());
    return static_cast<std::uint32_t>(places_.size() / lanes_.size() - 1);
  }

  void use_scope(Lane& lane, const Block& block) const {
    if (lane.arena == nullptr) return;
    lane.arena->use_scope(lookup_.scope(*scopes_, block.origin, lane.group));
  }

  AllocatorModel::Place put(Lane& lane, const Block& block) const {
    if (!lane.takes(block)) return lane.rest->allocate(block.size);
    ++lane.calls;
    use_scope(lane, block);
    return lane.special->allocate(block.size);
  }

  static void drop(Lane& lane, const Block& block,
                   const AllocatorModel::Place& place) {
    if (!lane.takes(block)) return lane.rest->release(place);
    ++lane.calls;
    lane.special->release(place);
  }

  void note_highest() {
    for (Lane& lane : lanes_) {
      const std::uint64_t held = lane.held();
      if (held > lane.highest.bytes) lane.highest = {held, live_bytes_};
    }
  }

  std::vector<Lane>& lanes_;
  const ScopeLookup& lookup_;
  const model::ScopeModel* scopes_ = nullptr;
  const decode::TickClock* clock_ = nullptr;
  tsl::robin_map<std::uint64_t, std::uint32_t> slots_;  // by address
  std::vector<AllocatorModel::Place> places_;  // by slot, one for each lane
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t live_bytes_ = 0;
  std::uint64_t beside_ = 0;  // of the resident set, not the heap's
};

Lane make_lane(const ReuseChoice& choice, const SiteTable& sites,
               const std::vector<ScopeGroup>& groups) {
  Lane lane;
  lane.rest = std::make_unique<GlibcModel>();
  lane.is_chosen.resize(sites.site_of_stack.size());
  for (const std::uint32_t site : choice.sites) {
    for (const model::StackId stack : sites.sites[site].stacks) {
      lane.is_chosen[stack] = true;
    }
  }
  if (choice.kind == ReuseKind::Pool) {
    lane.special = std::make_unique<PoolModel>(choice.block_bytes);
    lane.block_bytes = choice.block_bytes;
    return lane;
  }
  auto arena = std::make_unique<ArenaModel>();
  lane.arena = arena.get();
  lane.special = std::move(arena);
  for (std::uint32_t group = 0; group < groups.size(); ++group) {
    if (groups[group].name == choice.scope) lane.group = group;
  }
  return lane;
}

}  // namespace

Reuse simulate_reuse(const model::Profile& profile, const SiteTable& sites,
                     const std::vector<ReuseChoice>& choices,
                     const ReplayAgain& replay) {
  const std::vector<ScopeGroup> groups = group_scopes(profile.scopes);
  const ScopeLookup lookup(profile.scopes, groups);
  Reuse reuse;
  for (std::size_t first = 0; first == 0 || first < choices.size();
       first += kAtOnce) {
    std::vector<Lane> lanes;
    if (first == 0) {
      lanes.emplace_back().rest = std::make_unique<GlibcModel>();
      lanes.emplace_back().rest = std::make_unique<SlabModel>();
    }
    const std::size_t others = lanes.size();
    const std::size_t end = std::min(first + kAtOnce, choices.size());
    for (std::size_t i = first; i < end; ++i) {
      lanes.push_back(make_lane(choices[i], sites, groups));
    }
    Simulation simulation(lanes, lookup);
    model::ReplayOptions again;
    again.heap_observer = &simulation;
    static_cast<void>(replay(again));
    if (first == 0) {
      reuse.present = lanes[0].highest;
      reuse.slab = lanes[1].highest;
      reuse.error = simulation.error;
    }
    for (std::size_t i = first; i < end; ++i) {
      const Lane& lane = lanes[others + i - first];
      reuse.results.push_back(
          {choices[i], lane.highest, lane.calls, lane.special->calls()});
    }
  }
  std::stable_sort(reuse.results.begin(), reuse.results.end(),
                   [](const ReuseResult& a, const ReuseResult& b) {
                     return a.calls_now - std::min(a.calls_now, a.calls_then) >
                            b.calls_now - std::min(b.calls_now, b.calls_then);
                   });
  return reuse;
}

}  // namespace sagemem::analysis
