// SPDX-License-Identifier: Apache-2.0
#include "analysis/ranking.h"

#include <algorithm>
#include <compare>
#include <tuple>

namespace sagemem::analysis {
namespace {

using symbolize::Location;

std::strong_ordering compare(const Location& a, const Location& b) {
  if (const auto order = a.name() <=> b.name(); order != 0) return order;
  return std::tie(a.file, a.line, a.module, a.inlined) <=>
         std::tie(b.file, b.line, b.module, b.inlined);
}

// Among equals a block that lives longer comes first, then more of them.
auto secondary(const model::StackUse& use) {
  return std::make_tuple(use.peak_bytes, use.live_bytes, use.bytes_allocated,
                         use.allocations);
}

// Blocks of no bytes are blocks: they leak as well.
bool has_part(const model::StackUse& use, Measure by) {
  switch (by) {
    case Measure::PeakBytes:
      return use.peak_blocks != 0;
    case Measure::LiveBytes:
      return use.live_blocks != 0;
    case Measure::Temporary:
      return use.temporary != 0;
    case Measure::BytesAllocated:
      return use.allocations != 0;
  }
  return false;
}

// Compares stacks by what their frames are called, innermost first.
bool is_before(const model::StackTree& stacks, symbolize::Symbolizer& symbols,
               model::StackId a, model::StackId b) {
  while (a != b && a != model::kRootStack && b != model::kRootStack) {
    const auto left = symbols.resolve(stacks.frame(a));
    const auto right = symbols.resolve(stacks.frame(b));
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i)
      if (const auto order = compare(*left[i], *right[i]); order != 0)
        return order < 0;
    if (left.size() != right.size()) return left.size() < right.size();
    a = stacks.outer(a);
    b = stacks.outer(b);
  }
  return a == model::kRootStack && b != model::kRootStack;
}

}  // namespace

std::uint64_t measure(const model::StackUse& use, Measure by) {
  switch (by) {
    case Measure::PeakBytes:
      return use.peak_bytes;
    case Measure::LiveBytes:
      return use.live_bytes;
    case Measure::Temporary:
      return use.temporary;
    case Measure::BytesAllocated:
      return use.bytes_allocated;
  }
  return 0;
}

std::vector<const Site*> order_sites(const SiteTable& table, Measure by) {
  std::vector<const Site*> ranked;
  for (const Site& site : table.sites) ranked.push_back(&site);
  std::sort(ranked.begin(), ranked.end(), [by](const Site* a, const Site* b) {
    const std::uint64_t left = measure(a->use, by);
    const std::uint64_t right = measure(b->use, by);
    if (left != right) return left > right;
    if (secondary(a->use) != secondary(b->use))
      return secondary(a->use) > secondary(b->use);
    return compare(*a->location, *b->location) < 0;
  });
  return ranked;
}

std::vector<const Site*> rank_sites(const SiteTable& table, Measure by) {
  std::vector<const Site*> ranked = order_sites(table, by);
  std::erase_if(ranked,
                [by](const Site* site) { return !has_part(site->use, by); });
  return ranked;
}

std::vector<model::StackId> rank_stacks(const model::Profile& profile,
                                        symbolize::Symbolizer& symbols,
                                        const Site& site, Measure by) {
  std::vector<model::StackId> ranked;
  for (const model::StackId stack : site.stacks)
    if (has_part(profile.uses[stack], by)) ranked.push_back(stack);
  std::sort(ranked.begin(), ranked.end(),
            [&](model::StackId a, model::StackId b) {
              const model::StackUse& left = profile.uses[a];
              const model::StackUse& right = profile.uses[b];
              if (measure(left, by) != measure(right, by))
                return measure(left, by) > measure(right, by);
              if (secondary(left) != secondary(right))
                return secondary(left) > secondary(right);
              return is_before(profile.stacks, symbols, a, b);
            });
  return ranked;
}

}  // namespace sagemem::analysis
