// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <iomanip>
#include <stdexcept>
#include <vector>

#include "forest.h"
#include "random.h"
#include "snapshots.h"
#include "tree_set.h"

namespace make_trees {
namespace {

constexpr std::uint64_t kSizeStream = ~std::uint64_t{0};  // no forest's

std::vector<std::int32_t> draw_sizes(const SetOptions& options) {
  Random random(options.seed, kSizeStream);
  std::vector<std::int32_t> sizes(static_cast<std::size_t>(options.forests));
  for (std::int32_t& size : sizes)
    size = static_cast<std::int32_t>(random.power_law(
        options.min_halos, options.max_halos + 1.0, options.slope));
  if (options.big_forest > 0) sizes[sizes.size() / 2] = options.big_forest;
  return sizes;
}

template <typename T>
void put(std::ofstream& stream, const T* values, std::size_t count) {
  stream.write(reinterpret_cast<const char*>(values),
               static_cast<std::streamsize>(count * sizeof(T)));
}

class TreeFile {
 public:
  TreeFile(std::filesystem::path path, int forests)
      : path_(std::move(path)), stream_(path_, std::ios::binary) {
    // The header is written last, when its numbers are known.
    const std::vector<std::int32_t> header(2 +
                                           static_cast<std::size_t>(forests));
    put(stream_, header.data(), header.size());
  }

  void add(const std::vector<halo_data>& halos) {
    put(stream_, halos.data(), halos.size());
    sizes_.push_back(static_cast<std::int32_t>(halos.size()));
    halos_ += sizes_.back();
  }

  void close() {
    const std::int32_t counts[] = {static_cast<std::int32_t>(sizes_.size()),
                                   halos_};
    stream_.seekp(0);
    put(stream_, counts, 2);
    put(stream_, sizes_.data(), sizes_.size());
    stream_.close();
    if (!stream_) throw std::runtime_error(path_.string() + ": cannot write");
  }

 private:
  std::filesystem::path path_;
  std::ofstream stream_;
  std::vector<std::int32_t> sizes_;
  std::int32_t halos_ = 0;
};

void write_snapshot_list(const std::filesystem::path& path) {
  std::ofstream stream(path);
  stream << std::fixed << std::setprecision(8);
  for (const double scale : scale_factors()) stream << scale << '\n';
  stream.close();
  if (!stream) throw std::runtime_error(path.string() + ": cannot write");
}

}  // namespace

SetTotals write_set(const SetOptions& options) {
  std::filesystem::create_directories(options.out);
  write_snapshot_list(options.out / (options.name + ".a_list"));
  const std::vector<std::int32_t> sizes = draw_sizes(options);

  SetTotals totals;
  for (int number = 0; number < options.files; ++number) {
    // Successive forests, shared out evenly.
    const int first = static_cast<int>(std::int64_t{options.forests} * number /
                                       options.files);
    const int last = static_cast<int>(std::int64_t{options.forests} *
                                      (number + 1) / options.files);
    TreeFile file(options.out / (options.name + "." + std::to_string(number)),
                  last - first);
    for (int forest = first; forest < last; ++forest) {
      const auto halos =
          make_forest({.seed = options.seed,
                       .number = forest,
                       .file = number,
                       .halos = sizes[static_cast<std::size_t>(forest)]});
      file.add(halos);
      const auto count = static_cast<std::int64_t>(halos.size());
      totals.halos += count;
      totals.largest = std::max(totals.largest, count);
    }
    file.close();
    totals.forests += last - first;
  }
  return totals;
}

}  // namespace make_trees
