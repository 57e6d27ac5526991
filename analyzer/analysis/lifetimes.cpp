// SPDX-License-Identifier: Apache-2.0
#include "analysis/lifetimes.h"

#include "model/block_observer.h"

namespace sagemem::analysis {
namespace {

std::size_t time_class(std::int64_t ns) {
  std::size_t index = 0;
  while (index + 1 < Lifetimes::kTimes &&
         static_cast<std::uint64_t>(ns) >= Lifetimes::time_end_ns(index)) {
    ++index;
  }
  return index;
}

std::size_t bytes_class(std::uint64_t bytes) {
  std::size_t index = 0;
  while (index + 1 < Lifetimes::kBytes && bytes >= Lifetimes::bytes_end(index))
    ++index;
  return index;
}

class LifetimeObserver : public model::BlockObserver {
 public:
  LifetimeObserver(const SiteTable& sites, bool by_site) : sites_(sites) {
    if (by_site) table_.sites.resize(sites.sites.size());
  }

  void birth(const model::Life&, std::uint64_t) override {}
  void death(const model::Life& life, const model::Death& death,
             std::uint64_t) override {
    // Stamps of two threads may be out of step by a little.
    const std::int64_t ns =
        death.time_ns > life.born_ns ? death.time_ns - life.born_ns : 0;
    const std::size_t time = time_class(ns);
    const std::size_t bytes =
        bytes_class(death.bytes - life.born_bytes - life.size);
    each(life, [&](Lifetimes& lives) {
      lives.by_time[time].add(life.size);
      lives.by_bytes[bytes].add(life.size);
    });
  }
  void remain(const model::Life& life) override {
    each(life, [&](Lifetimes& lives) { lives.unreleased.add(life.size); });
  }

  [[nodiscard]] LifetimeTable take() { return std::move(table_); }

 private:
  template <typename Count>
  void each(const model::Life& life, const Count& count) {
    count(table_.all);
    if (table_.sites.empty() || life.stack >= sites_.site_of_stack.size())
      return;
    const std::uint32_t site = sites_.site_of_stack[life.stack];
    if (site != kNoSite) count(table_.sites[site]);
  }

  const SiteTable& sites_;
  LifetimeTable table_;
};

}  // namespace

std::uint64_t Lifetimes::time_end_ns(std::size_t index) {
  if (index + 1 >= kTimes) return 0;
  std::uint64_t end = 1;
  for (std::size_t i = 0; i < index + kFirstDecade; ++i) end *= 10;
  return end;
}

std::uint64_t Lifetimes::bytes_end(std::size_t index) {
  return index + 1 >= kBytes ? 0 : std::uint64_t{1024} << (4 * index);
}

LifetimeTable find_lifetimes(const SiteTable& sites, bool by_site,
                             const ReplayAgain& replay) {
  LifetimeObserver observer(sites, by_site);
  model::ReplayOptions options;
  options.observer = &observer;
  static_cast<void>(replay(options));
  return observer.take();
}

}  // namespace sagemem::analysis
