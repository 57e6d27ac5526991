// SPDX-License-Identifier: Apache-2.0
#include "links.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "snapshots.h"

namespace make_trees {
namespace {

template <typename Value>
using PerSnapshot = std::array<std::vector<Value>, kSnapshots>;

class Linker {
 public:
  Linker(const std::vector<Branch>& branches, std::vector<halo_data>& halos)
      : branches_(branches),
        branch_count_(static_cast<int>(branches.size())),
        halos_(halos) {}

  void link_within_branches();
  void link_mergers();
  void link_groups();

 private:
  [[nodiscard]] const Branch& branch(int index) const {
    return branches_[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] halo_data& halo_of(int index, int snapshot) {
    const std::int32_t halo = branch(index).halo_at(snapshot);
    return halos_[static_cast<std::size_t>(halo)];
  }

  // The host, or the main branch if the host is gone by then.
  [[nodiscard]] int living_host_of(int index, int snapshot) const {
    const int host = branch(index).host;
    return branch(host).lives_at(snapshot) ? host : 0;
  }

  // The branch that leads the FOF group; the host can be a satellite as well.
  [[nodiscard]] int centre_of(int index, int snapshot) const {
    while (branch(index).is_satellite_at(snapshot))
      index = living_host_of(index, snapshot);
    return index;
  }

  // More massive first, then by number: a total order.
  [[nodiscard]] bool is_before(int left, int right, int snapshot) const {
    return std::tuple(-branch(left).particles_at(snapshot), left) <
           std::tuple(-branch(right).particles_at(snapshot), right);
  }

  void merge(int index);
  void link_group(int centre, std::vector<int>& members, int snapshot);

  const std::vector<Branch>& branches_;
  int branch_count_;
  std::vector<halo_data>& halos_;
};

void Linker::link_within_branches() {
  for (int index = 0; index < branch_count_; ++index) {
    const Branch& branch = this->branch(index);
    for (int snapshot = branch.born; snapshot < branch.gone; ++snapshot) {
      halo_data& halo = halo_of(index, snapshot);
      const std::int32_t self = branch.halo_at(snapshot);
      halo.Descendant = snapshot + 1 < branch.gone ? self - 1 : -1;
      halo.FirstProgenitor = snapshot > branch.born ? self + 1 : -1;
      halo.NextProgenitor = -1;
      halo.FirstHaloInFOFgroup = self;
      halo.NextHaloInFOFgroup = -1;
    }
  }
}

// The last halo joins the heir's progenitors, right behind the main one.
void Linker::merge(int index) {
  const int gone = branch(index).gone;
  const int heir = living_host_of(index, gone);
  halo_data& last = halo_of(index, gone - 1);
  halo_data& main_progenitor = halo_of(heir, gone - 1);
  last.Descendant = branch(heir).halo_at(gone);
  last.NextProgenitor = main_progenitor.NextProgenitor;
  main_progenitor.NextProgenitor = branch(index).halo_at(gone - 1);
}

void Linker::link_mergers() {
  PerSnapshot<int> ending;  // branches, by `gone`
  for (int index = 0; index < branch_count_; ++index)
    if (const int gone = branch(index).gone; gone < kSnapshots)
      ending[static_cast<std::size_t>(gone)].push_back(index);
  for (int gone = 1; gone < kSnapshots; ++gone) {
    auto& merging = ending[static_cast<std::size_t>(gone)];
    // The lightest first: each is put in front of those before it.
    std::ranges::sort(merging, [&](int left, int right) {
      return is_before(right, left, gone - 1);
    });
    for (const int index : merging) merge(index);
  }
}

void Linker::link_group(int centre, std::vector<int>& members, int snapshot) {
  std::ranges::sort(members, [&](int left, int right) {
    return is_before(left, right, snapshot);
  });
  halo_data* previous = &halo_of(centre, snapshot);
  for (const int member : members) {
    previous->NextHaloInFOFgroup = branch(member).halo_at(snapshot);
    previous = &halo_of(member, snapshot);
    previous->FirstHaloInFOFgroup = branch(centre).halo_at(snapshot);
  }
}

void Linker::link_groups() {
  PerSnapshot<std::pair<int, int>> satellites;  // centre, member
  for (int index = 0; index < branch_count_; ++index) {
    const Branch& branch = this->branch(index);
    for (int snapshot = branch.infall; snapshot < branch.gone; ++snapshot)
      satellites[static_cast<std::size_t>(snapshot)].emplace_back(
          centre_of(index, snapshot), index);
  }
  for (int snapshot = 0; snapshot < kSnapshots; ++snapshot) {
    auto& pairs = satellites[static_cast<std::size_t>(snapshot)];
    std::ranges::sort(pairs);
    std::vector<int> members;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      members.push_back(pairs[i].second);
      if (i + 1 < pairs.size() && pairs[i + 1].first == pairs[i].first)
        continue;
      link_group(pairs[i].first, members, snapshot);
      members.clear();
    }
  }
}

}  // namespace

void link_halos(const std::vector<Branch>& branches,
                std::vector<halo_data>& halos) {
  Linker linker(branches, halos);
  linker.link_within_branches();
  linker.link_mergers();
  linker.link_groups();
}

}  // namespace make_trees
