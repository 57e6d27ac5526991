// SPDX-License-Identifier: Apache-2.0
//
// What a program that reads tree files may rely on.
#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "forest.h"
#include "snapshots.h"
#include "tree_set.h"

namespace make_trees {
namespace {

class ForestCheck {
 public:
  ForestCheck(const std::vector<halo_data>& halos, const std::string& where)
      : halos_(halos),
        where_(where),
        has_heir_(halos.size()),
        has_group_(halos.size()) {}

  void run() {
    const auto count = static_cast<std::int32_t>(halos_.size());
    require(count > 0, 0, "the forest is empty");
    for (std::int32_t i = 0; i < count; ++i) check_range(i, count);
    for (std::int32_t i = 0; i < count; ++i) {
      check_descendant(i);
      check_progenitors(i);
      check_group(i);
    }
    for (std::int32_t i = 0; i < count; ++i) {
      require(has_group_[index(i)], i, "is in no FOF group");
      require(has_heir_[index(i)] == (halo(i).Descendant >= 0), i,
              "is not among its descendant's progenitors");
    }
    require(
        halo(0).SnapNum == kLastSnapshot && halo(0).FirstHaloInFOFgroup == 0, 0,
        "is not the centre of the final group");
  }

 private:
  static std::size_t index(std::int32_t link) {
    return static_cast<std::size_t>(link);
  }
  [[nodiscard]] const halo_data& halo(std::int32_t link) const {
    return halos_[index(link)];
  }

  void require(bool holds, std::int32_t halo, const char* complaint) const {
    if (!holds)
      throw std::runtime_error(where_ + " halo " + std::to_string(halo) + " " +
                               complaint);
  }

  void check_range(std::int32_t i, std::int32_t count) const {
    const halo_data& halo = this->halo(i);
    for (const std::int32_t link :
         {halo.Descendant, halo.FirstProgenitor, halo.NextProgenitor,
          halo.FirstHaloInFOFgroup, halo.NextHaloInFOFgroup})
      require(link >= -1 && link < count, i, "links out of the forest");
    require(halo.FirstHaloInFOFgroup >= 0, i, "names no FOF group");
    require(halo.SnapNum >= 0 && halo.SnapNum < kSnapshots, i,
            "is of no snapshot");
    require(halo.Len >= kMinParticles, i, "is too small");
  }

  void check_descendant(std::int32_t i) const {
    const std::int32_t descendant = halo(i).Descendant;
    require((descendant < 0) == (halo(i).SnapNum == kLastSnapshot), i,
            "ends before the last snapshot or goes on after it");
    if (descendant >= 0)
      require(halo(descendant).SnapNum == halo(i).SnapNum + 1, i,
              "skips a snapshot");
  }

  // Every progenitor points back and is listed once; behind the main one they
  // are sorted by mass.
  void check_progenitors(std::int32_t i) {
    const std::int32_t first = halo(i).FirstProgenitor;
    std::int32_t previous = -1;
    for (std::int32_t progenitor = first; progenitor >= 0;
         progenitor = halo(progenitor).NextProgenitor) {
      require(halo(progenitor).Descendant == i, progenitor,
              "is listed as a progenitor of another halo");
      require(!has_heir_[index(progenitor)], progenitor, "is listed twice");
      has_heir_[index(progenitor)] = true;
      require(previous < 0 || previous == first ||
                  halo(previous).Len >= halo(progenitor).Len,
              progenitor, "is out of order");
      previous = progenitor;
    }
  }

  void check_group(std::int32_t i) {
    const std::int32_t centre = halo(i).FirstHaloInFOFgroup;
    require(halo(centre).FirstHaloInFOFgroup == centre, i,
            "names a centre that is none");
    require(halo(centre).SnapNum == halo(i).SnapNum, i,
            "is in a group of another snapshot");
    require((halo(i).Mvir > 0) == (centre == i), i,
            "has a virial mass but is no centre, or the reverse");
    if (centre != i) return;
    for (std::int32_t member = i; member >= 0;
         member = halo(member).NextHaloInFOFgroup) {
      require(halo(member).FirstHaloInFOFgroup == i, member,
              "is listed in another FOF group");
      require(!has_group_[index(member)], member, "is in a group twice");
      has_group_[index(member)] = true;
    }
  }

  const std::vector<halo_data>& halos_;
  const std::string& where_;
  std::vector<bool> has_heir_;   // listed as a progenitor
  std::vector<bool> has_group_;  // listed in a FOF group
};

template <typename T>
void get(std::ifstream& stream, T* values, std::size_t count,
         const std::filesystem::path& path) {
  const auto size = static_cast<std::streamsize>(count * sizeof(T));
  stream.read(reinterpret_cast<char*>(values), size);
  if (stream.gcount() != size)
    throw std::runtime_error(path.string() + ": shorter than it says");
}

void check_file(const std::filesystem::path& path, SetTotals& totals) {
  std::ifstream stream(path, std::ios::binary);
  std::int32_t counts[2];
  get(stream, counts, 2, path);
  if (counts[0] < 0 || counts[1] < 0 ||
      8 + 4 * std::uintmax_t{static_cast<std::uint32_t>(counts[0])} >
          std::filesystem::file_size(path))
    throw std::runtime_error(path.string() + ": not a tree file");
  std::vector<std::int32_t> sizes(static_cast<std::size_t>(counts[0]));
  get(stream, sizes.data(), sizes.size(), path);
  std::int64_t halos_in_file = 0;
  for (const std::int32_t size : sizes) halos_in_file += size;
  const auto expected = static_cast<std::uintmax_t>(
      8 + 4 * std::int64_t{counts[0]} +
      halos_in_file * std::int64_t{sizeof(halo_data)});
  if (halos_in_file != counts[1] ||
      std::ranges::any_of(sizes, [](auto size) { return size < 1; }) ||
      expected != std::filesystem::file_size(path))
    throw std::runtime_error(path.string() + ": counts disagree");

  std::vector<halo_data> halos;
  for (std::size_t forest = 0; forest < sizes.size(); ++forest) {
    halos.resize(static_cast<std::size_t>(sizes[forest]));
    get(stream, halos.data(), halos.size(), path);
    const std::string where =
        path.string() + ": forest " + std::to_string(forest);
    ForestCheck(halos, where).run();
    totals.largest = std::max<std::int64_t>(totals.largest, sizes[forest]);
  }
  totals.forests += counts[0];
  totals.halos += halos_in_file;
}

}  // namespace

SetTotals check_set(const std::filesystem::path& dir, const std::string& name) {
  SetTotals totals;
  for (int number = 0;; ++number) {
    const auto path = dir / (name + "." + std::to_string(number));
    if (number > 0 && !std::filesystem::exists(path)) return totals;
    check_file(path, totals);
  }
}

}  // namespace make_trees
