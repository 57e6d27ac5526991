// SPDX-License-Identifier: Apache-2.0
#include "model/stack_parts.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace sagemem::model {

using trace::RegionKind;
using trace::ThreadStop;

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kWord = sizeof(std::uint64_t);
// Below the stack pointer, and the function's all the same: System V ABI AMD64
// supplement, 3.2.2.
constexpr std::uint64_t kRedZone = 128;

using Pointers = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

Pointers within(const Pointers& all, const StackParts::Region& region) {
  constexpr std::uint64_t kLeast = 0;
  const auto from =
      std::lower_bound(all.begin(), all.end(), std::pair(region.start, kLeast));
  const auto to =
      std::lower_bound(from, all.end(), std::pair(region.end, kLeast));
  return {from, to};
}

std::uint64_t top_below(std::uint64_t stack_pointer) {
  return stack_pointer - std::min(stack_pointer, kRedZone);
}

// The descriptor lies in its last page or in the one before: what is behind it
// counts in any case.
std::uint64_t end_behind(std::uint64_t descriptor) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t page = descriptor / kPage;
  return page == kMax / kPage ? kMax : (page + 1) * kPage;
}

}  // namespace

StackParts::StackParts(const std::vector<Thread>& threads, std::int32_t pid) {
  for (const Thread& one : threads) {
    if (one.stop == ThreadStop::Missed) has_all_ = false;
    if (one.tid == pid && one.stop != ThreadStop::Gone) is_first_alive_ = true;
    if (one.stack_pointer != 0)
      by_stack_.emplace_back(one.stack_pointer, one.thread_pointer);
    if (one.thread_pointer != 0)
      by_descriptor_.emplace_back(one.thread_pointer, one.stack_pointer);
  }
  std::sort(by_stack_.begin(), by_stack_.end());
  std::sort(by_descriptor_.begin(), by_descriptor_.end());
}

// That of the first thread, which has no descriptor there.
void StackParts::add_first(const Region& region, const Pointers& standing) {
  if (!standing.empty()) {
    add_part({region.start, top_below(standing.front().first)});
  } else if (has_all_ && !is_first_alive_) {
    // It is gone, and what called main is nobody's.
    add_part({region.start, region.end});
  }
}

// Kept by the C library for the next thread.
void StackParts::add_ended(const Region& region,
                           const std::vector<std::uint64_t>& descriptors) {
  if (!region.is_guarded || !has_all_ || descriptors.empty()) return;
  const std::uint64_t descriptor =
      *std::min_element(descriptors.begin(), descriptors.end());
  add_part(
      {region.start, end_behind(descriptor), Use::Nothing, descriptor + kWord});
}

void StackParts::add(const Region& region,
                     const std::vector<std::uint64_t>& descriptors) {
  const Pointers standing = within(by_stack_, region);
  if (region.kind == RegionKind::Stack) return add_first(region, standing);
  // Stacks on a heap are blocks, and nothing is asked of the other kinds.
  if (region.kind != RegionKind::Anonymous) return;
  const Pointers owning = within(by_descriptor_, region);
  if (standing.empty() && owning.empty()) {
    return add_ended(region, descriptors);
  }
  const bool is_one = standing.size() == 1 && owning.size() == 1 &&
                      owning[0].second == standing[0].first &&
                      standing[0].first < owning[0].first;
  if (!is_one) return add_part({region.start, region.end, Use::Live});
  const std::uint64_t descriptor = owning[0].first;
  const std::uint64_t top = top_below(standing[0].first);
  add_part({std::max(top, region.start), end_behind(descriptor), Use::Live});
  // A second one: they are several that touch.
  const bool is_alone = std::all_of(
      descriptors.begin(), descriptors.end(),
      [descriptor](std::uint64_t one) { return one == descriptor; });
  if (region.is_guarded && is_alone) add_part({region.start, top});
}

void StackParts::sort() {
  std::sort(parts_.begin(), parts_.end(),
            [](const Part& a, const Part& b) { return a.start < b.start; });
}

StackParts::Use StackParts::use_of(std::uint64_t location) const {
  const auto after = std::upper_bound(
      parts_.begin(), parts_.end(), location,
      [](std::uint64_t value, const Part& part) { return value < part.start; });
  if (after == parts_.begin()) return Use::Unknown;
  const Part& part = *std::prev(after);
  if (location >= part.end) return Use::Unknown;
  return location == part.but ? Use::Live : part.use;
}

}  // namespace sagemem::model
