// SPDX-License-Identifier: Apache-2.0
//
// Random numbers that are the same everywhere: the engine is specified by the
// C++ standard to the bit, the distributions of the standard library are not,
// hence the three below.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace make_trees {

class Random {
 public:
  // Streams of one seed are independent: a forest does not depend on how many
  // were made before it.
  Random(std::uint64_t seed, std::uint64_t stream)
      : engine_(make_engine(seed, stream)) {}

  // In [low, high).
  double uniform(double low, double high) {
    const double unit = static_cast<double>(engine_() >> 11) * 0x1p-53;
    return low + unit * (high - low);
  }

  // From p(x) ~ x^-slope in [low, high], slope not 1.
  double power_law(double low, double high, double slope) {
    const double k = 1 - slope;
    const double from = std::pow(low, k);
    const double to = std::pow(high, k);
    return std::pow(from + uniform(0, 1) * (to - from), 1 / k);
  }

  // Mean 0, variance 1.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1)));
    return radius * std::cos(uniform(0, 2 * std::numbers::pi));
  }

 private:
  static std::mt19937_64 make_engine(std::uint64_t seed, std::uint64_t stream) {
    std::seed_seq words{low(seed), high(seed), low(stream), high(stream)};
    return std::mt19937_64(words);
  }
  static std::uint32_t low(std::uint64_t word) {
    return static_cast<std::uint32_t>(word);
  }
  static std::uint32_t high(std::uint64_t word) {
    return static_cast<std::uint32_t>(word >> 32);
  }

  std::mt19937_64 engine_;
};

}  // namespace make_trees
