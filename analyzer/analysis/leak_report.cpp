// SPDX-License-Identifier: Apache-2.0
#include "analysis/leak_report.h"

#include <array>

namespace sagemem::analysis {

using model::LeakAmount;
using model::LeakAmounts;
using model::LeakClass;
using model::StackId;

namespace {

class Sorter {
 public:
  Sorter(const model::Profile& profile, symbolize::Symbolizer& symbols,
         const std::vector<rules::Suppression>& suppressions)
      : profile_(profile), suppressor_(suppressions, profile, symbols) {
    for (const rules::Suppression& one : suppressions) {
      report_.uses.push_back({&one, 0, {}});
    }
    report_.stacks.resize(profile.uses.size());
  }

  LeakReport run() && {
    const model::LeakClasses* const leaks = profile_.leaks.get();
    report_.was_asked = leaks != nullptr;
    report_.is_complete = leaks != nullptr && leaks->scan.is_complete();
    for (StackId stack = 0; stack < profile_.uses.size(); ++stack) {
      if (leaks == nullptr) {
        const model::StackUse& use = profile_.uses[stack];
        add(stack, LeakClass::NotScanned, {use.live_blocks, use.live_bytes},
            stack);
        continue;
      }
      for (const LeakClass which :
           {LeakClass::Lost, LeakClass::Reachable, LeakClass::NotScanned}) {
        add(stack, which, leaks->stacks[stack][which], stack);
      }
    }
    if (leaks != nullptr) {
      for (const model::IndirectLeak& one : leaks->indirect) {
        add(one.stack, LeakClass::IndirectlyLost, one.amount, one.leader);
      }
    }
    return std::move(report_);
  }

 private:
  void add(StackId stack, LeakClass which, const LeakAmount& amount,
           StackId leader) {
    if (amount.blocks == 0) return;
    std::uint32_t found = suppressor_.find(stack, which);
    if (found == kNotSuppressed && which == LeakClass::IndirectlyLost) {
      found = suppressor_.find(leader, LeakClass::Lost);
    }
    if (found == kNotSuppressed) {
      report_.total[which].add(amount);
      report_.stacks[stack][which].add(amount);
      return;
    }
    report_.suppressed.add(amount);
    report_.uses[found].amount.add(amount);
    ++report_.uses[found].stacks;
  }

  const model::Profile& profile_;
  Suppressor suppressor_;
  LeakReport report_;
};

}  // namespace

LeakReport find_leaks(const model::Profile& profile,
                      symbolize::Symbolizer& symbols,
                      const std::vector<rules::Suppression>& suppressions) {
  return Sorter(profile, symbols, suppressions).run();
}

}  // namespace sagemem::analysis
