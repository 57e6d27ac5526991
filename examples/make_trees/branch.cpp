// SPDX-License-Identifier: Apache-2.0
#include "branch.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "forest.h"
#include "snapshots.h"

namespace make_trees {
namespace {

constexpr double kShareOfGroupInfall = 0.2;
constexpr double kMassSlope = 1.9;      // of what falls in: dN/dm ~ m^-slope
constexpr double kLargestInfall = 0.3;  // of the host's mass
constexpr double kSmallestInfall = 1.1 * kMinParticles;
constexpr int kMaxMisses = 1000;  // then the forest stays smaller than wanted

// First snapshot at which a branch that peaks before `infall` can be seen.
int birth(double peak_particles, double growth, int infall) {
  const double snapshots = std::log(peak_particles / kMinParticles) / growth;
  return std::max(0, infall - 1 - static_cast<int>(snapshots));
}

Branch make_main_branch(Random& random, std::int32_t halos) {
  Branch main;
  main.infall = main.gone = kSnapshots;
  main.growth = random.uniform(0.07, 0.12);
  if (halos < kSnapshots) {  // alone it is forest enough
    main.peak_particles = 10.0 * kMinParticles;
    main.born = kSnapshots - halos;
  } else {
    main.peak_particles = std::max(40.0 * kMinParticles, 1.0 * halos);
    main.born = birth(main.peak_particles, main.growth, kSnapshots);
  }
  return main;
}

// Nothing when the host drawn has no room for a subhalo.
std::optional<Branch> make_subhalo(Random& random, int host_index,
                                   const Branch& host) {
  Branch branch;
  branch.host = host_index;
  const int last_infall = std::min(host.infall, host.gone) - 1;
  if (last_infall < host.born + 2) return std::nullopt;
  // The host grows fastest late, and so do its captures.
  const double when = std::pow(random.uniform(0, 1), 0.5);
  branch.infall =
      host.born + 2 + static_cast<int>(when * (last_infall - host.born - 1));
  const double host_particles = host.particles_at(branch.infall);
  if (kLargestInfall * host_particles < kSmallestInfall) return std::nullopt;

  branch.peak_particles = random.power_law(
      kSmallestInfall, kLargestInfall * host_particles, kMassSlope);
  branch.growth = random.uniform(0.05, 0.15);
  branch.born =
      std::min(birth(branch.peak_particles, branch.growth, branch.infall),
               branch.infall - 1);
  branch.stripping = random.uniform(0.03, 0.12);
  const double shrink = std::log(branch.peak_particles / kMinParticles);
  const double sinking =
      random.uniform(3, 12) * std::cbrt(host_particles / branch.peak_particles);
  const double satellite =
      std::min({1 + shrink / branch.stripping, 2 + sinking, 1.0 * kSnapshots});
  branch.gone =
      std::min(branch.infall + static_cast<int>(satellite), kSnapshots);
  return branch;
}

bool can_host(const Branch& branch) {
  return branch.host == 0 && branch.peak_particles > 12 * kMinParticles &&
         branch.infall - branch.born > 6;
}

int draw_host(Random& random, const std::vector<int>& hosts) {
  if (hosts.empty() || random.uniform(0, 1) >= kShareOfGroupInfall) return 0;
  const double place = std::pow(random.uniform(0, 1), 2);  // early ones more
  return hosts[static_cast<std::size_t>(place *
                                        static_cast<double>(hosts.size()))];
}

}  // namespace

double Branch::particles_at(int snapshot) const {
  const double particles =
      is_satellite_at(snapshot)
          ? peak_particles * std::exp(-stripping * (snapshot - infall + 1))
          : peak_particles * std::exp(-growth * (infall - 1 - snapshot));
  return std::max(particles, 1.0 * kMinParticles);
}

std::vector<Branch> make_branches(Random& random, std::int32_t halos) {
  std::vector<Branch> branches{make_main_branch(random, halos)};
  std::vector<int> hosts;  // beside the main branch
  std::int32_t total = branches[0].gone - branches[0].born;
  for (int misses = 0; total < halos && misses < kMaxMisses;) {
    const int host = draw_host(random, hosts);
    std::optional<Branch> branch =
        make_subhalo(random, host, branches[static_cast<std::size_t>(host)]);
    if (!branch) {
      ++misses;
      continue;
    }
    branch->first_halo = total;
    total += branch->gone - branch->born;
    if (can_host(*branch)) hosts.push_back(static_cast<int>(branches.size()));
    branches.push_back(*branch);
  }
  return branches;
}

}  // namespace make_trees
