// SPDX-License-Identifier: Apache-2.0
#include "analysis/thread_use.h"

#include <algorithm>
#include <tuple>

#include "model/block_observer.h"

namespace sagemem::analysis {
namespace {

class ThreadObserver : public model::BlockObserver {
 public:
  void birth(const model::Life& life, std::uint64_t peak_number) override {
    of(life.thread).held.add(life.size, peak_number);
  }
  void death(const model::Life& life, const model::Death& death,
             std::uint64_t peak_number) override {
    ThreadUse& owner = of(life.thread);
    owner.held.subtract(life.size, peak_number);
    if (death.was_lost) return;
    if (death.is_temporary) ++owner.temporary;
    if (death.thread == life.thread || death.thread == model::kNoThread) return;
    ++owner.released_by_others;
    ++of(death.thread).released_for_others;
  }
  void finish(std::uint64_t peak_number) override {
    for (ThreadUse& use : uses_) use.held.sync(peak_number);
  }

  [[nodiscard]] std::vector<ThreadUse> take() { return std::move(uses_); }

 private:
  ThreadUse& of(std::uint32_t thread) {
    while (uses_.size() <= thread) {
      ThreadUse use;
      use.thread = static_cast<std::uint32_t>(uses_.size());
      uses_.push_back(use);
    }
    return uses_[thread];
  }

  std::vector<ThreadUse> uses_;  // by index of the thread
};

}  // namespace

std::vector<ThreadUse> find_thread_uses(const model::Profile& profile,
                                        const ReplayAgain& replay) {
  ThreadObserver observer;
  model::ReplayOptions options;
  options.observer = &observer;
  static_cast<void>(replay(options));
  std::vector<ThreadUse> uses = observer.take();
  std::erase_if(uses, [&profile](const ThreadUse& use) {
    return use.thread >= profile.threads.size() ||
           (use.held.allocations == 0 && use.released_for_others == 0);
  });
  // Names before numbers, which change from run to run.
  const auto key = [&profile](const ThreadUse& use) {
    const model::Thread& thread = profile.threads[use.thread];
    return std::tuple(~use.held.peak_bytes, ~use.held.bytes_allocated,
                      ~use.held.allocations, thread.name, use.thread);
  };
  std::sort(uses.begin(), uses.end(),
            [&key](const ThreadUse& a, const ThreadUse& b) {
              return key(a) < key(b);
            });
  return uses;
}

}  // namespace sagemem::analysis
