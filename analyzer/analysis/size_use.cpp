// SPDX-License-Identifier: Apache-2.0
#include "analysis/size_use.h"

#include <tsl/robin_map.h>

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

#include "model/block_observer.h"

namespace sagemem::analysis {
namespace {

class SizeObserver : public model::BlockObserver {
 public:
  void birth(const model::Life& life, std::uint64_t peak_number) override {
    class_of(life.size).add(life.size, peak_number);
    Held* const exact = distinct(life.size);
    if (exact != nullptr) {
      exact->add(life.size, peak_number);
    } else {
      ++uncounted_;
    }
  }
  void death(const model::Life& life, const model::Death&,
             std::uint64_t peak_number) override {
    class_of(life.size).subtract(life.size, peak_number);
    const auto found = distinct_.find(life.size);
    if (found != distinct_.end()) {
      found.value().subtract(life.size, peak_number);
    }
  }
  void finish(std::uint64_t peak_number) override {
    peak_number_ = peak_number;
  }

  [[nodiscard]] SizeTable table() {
    SizeTable table;
    table.uncounted = uncounted_;
    for (std::size_t bits = 0; bits < classes_.size(); ++bits) {
      if (classes_[bits].allocations == 0) continue;
      const std::uint64_t low = bits == 0 ? 0 : std::uint64_t{1} << (bits - 1);
      table.classes.push_back(
          use(low, bits == 0 ? 0 : low + (low - 1), classes_[bits]));
    }
    for (const auto& [size, held] : distinct_) {
      table.distinct.push_back(use(size, size, held));
    }
    std::sort(table.distinct.begin(), table.distinct.end(),
              [](const SizeUse& a, const SizeUse& b) {
                return std::tie(b.held.allocations, b.low) <
                       std::tie(a.held.allocations, a.low);
              });
    return table;
  }

 private:
  Held& class_of(std::uint64_t size) {
    return classes_[static_cast<std::size_t>(std::bit_width(size))];
  }
  Held* distinct(std::uint64_t size) {
    const auto found = distinct_.find(size);
    if (found != distinct_.end()) return &found.value();
    if (distinct_.size() >= SizeTable::kMaxDistinct) return nullptr;
    return &distinct_[size];
  }
  [[nodiscard]] SizeUse use(std::uint64_t low, std::uint64_t high,
                            Held held) const {
    held.sync(peak_number_);
    return {low, high, held};
  }

  std::array<Held, 65> classes_{};  // by bit width
  tsl::robin_map<std::uint64_t, Held> distinct_;
  std::uint64_t uncounted_ = 0;
  std::uint64_t peak_number_ = 0;
};

}  // namespace

SizeTable find_size_uses(const ReplayAgain& replay) {
  SizeObserver observer;
  model::ReplayOptions options;
  options.observer = &observer;
  static_cast<void>(replay(options));
  return observer.table();
}

}  // namespace sagemem::analysis
