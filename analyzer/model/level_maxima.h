// SPDX-License-Identifier: Apache-2.0
//
// The highest level since each of several moments, at a constant cost for each
// change of the level, however many moments are of interest.
//
// The highest level since a later moment is never above that since an earlier
// one.  So moments fall into groups with one maximum each, the maxima go down,
// and a rise of the level merges groups at the end:
//
//   moments    0  1 | 2 | 3  4        level rises to 6     0  1 | 2  3  4
//   maximum     9   | 5 |  2                                9   |    6
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace sagemem::model {

class LevelMaxima {
 public:
  // A moment to ask about later; numbers go up.
  void start(std::uint32_t moment, std::uint64_t level) {
    raise(level);
    groups_.push_back({moment, level});
  }

  // The level is this now.
  void raise(std::uint64_t level) {
    if (groups_.empty() || groups_.back().maximum >= level) return;
    while (groups_.size() > 1 && groups_[groups_.size() - 2].maximum <= level) {
      groups_.pop_back();
    }
    groups_.back().maximum = level;
  }

  [[nodiscard]] std::uint64_t since(std::uint32_t moment) const {
    const auto after =
        std::upper_bound(groups_.begin(), groups_.end(), moment,
                         [](std::uint32_t wanted, const Group& group) {
                           return wanted < group.first;
                         });
    return std::prev(after)->maximum;
  }

  // Nobody will ask about a moment that was.
  void clear() { groups_.clear(); }

 private:
  struct Group {
    std::uint32_t first;  // moment; the others are before the next group's
    std::uint64_t maximum;
  };
  std::vector<Group> groups_;
};

}  // namespace sagemem::model
