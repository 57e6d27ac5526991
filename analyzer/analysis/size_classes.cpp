// SPDX-License-Identifier: Apache-2.0
#include "analysis/size_classes.h"

#include <limits>

namespace sagemem::analysis {
namespace {

constexpr std::size_t kLastBuckets[] = {4, 6, 8, 10, 12, 16, 20, 64};

// Bucket k holds the sizes of bit width k.
SizeClass class_of_buckets(const model::Profile& profile, std::size_t first,
                           std::size_t last) {
  SizeClass result;
  result.low = first == 0 ? 0 : std::uint64_t{1} << (first - 1);
  result.high = last == 64 ? std::numeric_limits<std::uint64_t>::max()
                           : (std::uint64_t{1} << last) - 1;
  for (std::size_t k = first; k <= last; ++k) {
    result.allocations += profile.sizes[k].allocations;
    result.bytes += profile.sizes[k].bytes;
  }
  return result;
}

}  // namespace

std::vector<SizeClass> size_classes(const model::Profile& profile) {
  std::size_t first = profile.sizes.size();
  std::size_t last = 0;
  for (std::size_t k = 0; k < profile.sizes.size(); ++k) {
    if (profile.sizes[k].allocations == 0) continue;
    if (first == profile.sizes.size()) first = k;
    last = k;
  }
  std::vector<SizeClass> result;
  for (std::size_t k = first; k <= last; ++k)
    result.push_back(class_of_buckets(profile, k, k));
  return result;
}

std::vector<SizeClass> coarse_size_classes(const model::Profile& profile) {
  std::vector<SizeClass> result;
  std::size_t first = 0;
  for (const std::size_t last : kLastBuckets) {
    result.push_back(class_of_buckets(profile, first, last));
    first = last + 1;
  }
  return result;
}

}  // namespace sagemem::analysis
