// SPDX-License-Identifier: Apache-2.0
//
// A set of tree files as a run reads it: <dir>/<name>.0, <name>.1 ... and the
// scale factors of the snapshots in <name>.a_list.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace make_trees {

struct SetOptions {
  std::filesystem::path out;
  std::string name = "trees_063";
  std::uint64_t seed = 1;
  int forests = 50;
  int files = 1;
  int min_halos = 20;
  int max_halos = 20000;
  double slope = 1.5;  // of forest sizes: dN/dn ~ n^-slope
  int big_forest = 0;  // halos of the middle forest; 0: as the others
};

struct SetTotals {
  std::int64_t forests = 0;
  std::int64_t halos = 0;
  std::int64_t largest = 0;  // forest, in halos
};

// Both throw std::runtime_error naming the file.
SetTotals write_set(const SetOptions& options);

// Reads a set back and verifies every link; throws on the first wrong one.
SetTotals check_set(const std::filesystem::path& dir, const std::string& name);

}  // namespace make_trees
