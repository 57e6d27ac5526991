// SPDX-License-Identifier: Apache-2.0
#include "forest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "branch.h"
#include "links.h"
#include "random.h"
#include "snapshots.h"

namespace make_trees {
namespace {

constexpr double kGravity = 43.0071;  // Mpc (km/s)^2 / 1e10 Msun
constexpr double kOmega = 0.25;
constexpr double kOmegaLambda = 0.75;
constexpr double kSpin = 0.04;  // of a typical halo, dimensionless
constexpr std::int64_t kIdsPerForest = 10'000'000;
constexpr double kApproach = 0.15;  // Mpc/h per snapshot, before infall

struct Vector {
  double x = 0, y = 0, z = 0;
};

Vector direction(Random& random) {
  const double cosine = random.uniform(-1, 1);
  const double angle = random.uniform(0, 2 * std::numbers::pi);
  const double sine = std::sqrt(1 - cosine * cosine);
  return {sine * std::cos(angle), sine * std::sin(angle), cosine};
}

float wrapped(double position) {
  const double rest = std::fmod(position, kBoxSize);
  return static_cast<float>(rest < 0 ? rest + kBoxSize : rest);
}

struct Epoch {
  double scale = 1;
  double hubble = 100;  // km/s/(Mpc/h)
};

std::array<Epoch, kSnapshots> make_epochs() {
  std::array<Epoch, kSnapshots> epochs;
  const auto scales = scale_factors();
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    const double a = scales[i];
    epochs[i] = {a, 100 * std::sqrt(kOmega / (a * a * a) + kOmegaLambda)};
  }
  return epochs;
}

const Epoch& epoch_at(int snapshot) {
  static const std::array<Epoch, kSnapshots> epochs = make_epochs();
  return epochs[static_cast<std::size_t>(snapshot)];
}

double virial_velocity(double mass, const Epoch& epoch) {
  return std::cbrt(10 * kGravity * mass * epoch.hubble);
}

double virial_radius(double mass, const Epoch& epoch) {
  return virial_velocity(mass, epoch) / (10 * epoch.hubble);
}

// Mass and what follows from it.
void fill_masses(halo_data& halo, const Branch& branch, int snapshot) {
  const auto particles = static_cast<int>(branch.particles_at(snapshot));
  const double mass = particles * kParticleMass;
  const double velocity = virial_velocity(mass, epoch_at(snapshot));
  halo.Len = particles;
  if (!branch.is_satellite_at(snapshot)) {
    halo.M_Mean200 = static_cast<float>(1.15 * mass);
    halo.Mvir = static_cast<float>(mass);
    halo.M_TopHat = static_cast<float>(1.08 * mass);
  }
  halo.Vmax = static_cast<float>(1.15 * velocity);
  halo.VelDisp = static_cast<float>(0.76 * velocity);
  halo.SubHalfMass = static_cast<float>(0.3 * mass);
}

// How far from the main halo, comoving: it comes in on a straight line until
// infall, then sinks.
double distance_of(const Branch& branch, double host_mass, int snapshot) {
  if (branch.host < 0) return 0;
  const Epoch& epoch = epoch_at(snapshot);
  const double radius = virial_radius(host_mass, epoch);
  const double since = snapshot - branch.infall;
  const double span = std::max(1, branch.gone - branch.infall);
  const double distance = since < 0 ? radius - kApproach * since
                                    : radius * (1 - 0.9 * since / span);
  return distance / epoch.scale;
}

void set(float (&values)[3], const Vector& direction, double length) {
  values[0] = static_cast<float>(length * direction.x);
  values[1] = static_cast<float>(length * direction.y);
  values[2] = static_cast<float>(length * direction.z);
}

// Where a branch comes from and how it turns is drawn once for its life.
void place_branch(Random& random, const Branch& branch, const Branch& main,
                  const Vector& centre, std::vector<halo_data>& halos) {
  const Vector where = direction(random);
  const Vector axis = direction(random);
  const Vector motion{random.normal(), random.normal(), random.normal()};
  for (int snapshot = branch.born; snapshot < branch.gone; ++snapshot) {
    const Epoch& epoch = epoch_at(snapshot);
    const std::int32_t self = branch.halo_at(snapshot);
    halo_data& halo = halos[static_cast<std::size_t>(self)];
    fill_masses(halo, branch, snapshot);
    halo.SnapNum = snapshot;
    halo.SubhaloIndex = self;

    const double host_mass = main.particles_at(snapshot) * kParticleMass;
    const double distance = distance_of(branch, host_mass, snapshot);
    halo.Pos[0] = wrapped(centre.x + distance * where.x);
    halo.Pos[1] = wrapped(centre.y + distance * where.y);
    halo.Pos[2] = wrapped(centre.z + distance * where.z);
    set(halo.Vel, motion, 0.6 * virial_velocity(host_mass, epoch));
    const double mass = halo.Len * kParticleMass;
    set(halo.Spin, axis,
        kSpin * std::numbers::sqrt2 * virial_radius(mass, epoch) *
            virial_velocity(mass, epoch));
  }
}

}  // namespace

std::vector<halo_data> make_forest(const ForestOptions& options) {
  Random random(options.seed, static_cast<std::uint64_t>(options.number));
  const std::vector<Branch> branches = make_branches(random, options.halos);
  const Branch& last = branches.back();
  std::vector<halo_data> halos(
      static_cast<std::size_t>(last.first_halo + last.gone - last.born));

  const Vector centre{random.uniform(0, kBoxSize), random.uniform(0, kBoxSize),
                      random.uniform(0, kBoxSize)};
  for (const Branch& branch : branches)
    place_branch(random, branch, branches.front(), centre, halos);
  link_halos(branches, halos);

  std::int64_t id = options.number * kIdsPerForest;
  for (const Branch& branch : branches) {
    ++id;  // a branch keeps its most bound particle
    for (int snapshot = branch.born; snapshot < branch.gone; ++snapshot) {
      const std::int32_t self = branch.halo_at(snapshot);
      halo_data& halo = halos[static_cast<std::size_t>(self)];
      halo.MostBoundID = id;
      halo.FileNr = options.file;
    }
  }
  return halos;
}

}  // namespace make_trees
