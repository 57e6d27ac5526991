// SPDX-License-Identifier: Apache-2.0
#include "analysis/labels.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace sagemem::analysis {
namespace {

std::string name_of(const rules::ProgramRules& rules, const std::string& label,
                    std::int64_t value) {
  for (const rules::LabelRule& rule : rules.labels) {
    if (rule.name != label) continue;
    const auto known = rule.values.find(value);
    if (known != rule.values.end()) return known->second;
  }
  return std::to_string(value);
}

class LabelFinder {
 public:
  LabelFinder(const model::Profile& profile, const rules::ProgramRules& rules,
              const CategoryTable& table)
      : scopes_(profile.scopes), rules_(rules), table_(table) {}

  std::vector<Label> find() {
    for (std::uint32_t i = 0; i < scopes_.labels.size(); ++i) add(i);
    for (const model::LabelStackUse& use : scopes_.label_stacks) add_part(use);
    for (Label& label : labels_) sort(label);
    return std::move(labels_);
  }

 private:
  // Rules of one name are one label.
  Label& label_of(const std::string& name) {
    const auto [known, is_new] = numbers_.try_emplace(name, labels_.size());
    if (is_new) labels_.push_back({name, {}});
    return labels_[known->second];
  }

  void add(std::uint32_t index) {
    const model::LabelUse& use = scopes_.labels[index];
    Label& label = label_of(scopes_.rules[use.rule].name);
    auto at = std::find_if(
        label.values.begin(), label.values.end(),
        [&use](const LabelValue& one) { return one.value == use.value; });
    const bool is_new = at == label.values.end();
    if (is_new) {
      LabelValue value;
      value.value = use.value;
      value.name = name_of(rules_, label.name, use.value);
      value.own_peak_bytes = use.own_peak_bytes;
      at = label.values.insert(at, std::move(value));
    } else {
      // The same, unless a rule had no name yet when it was counted.
      at->own_peak_bytes =
          std::max(at->own_peak_bytes.value_or(0), use.own_peak_bytes);
    }
    at->allocated_bytes += use.allocated_bytes;
    at->allocated_blocks += use.allocated_blocks;
    at->live_bytes += use.live_bytes;
    at->live_blocks += use.live_blocks;
    at->peak_bytes += use.peak_bytes;
    at->peak_blocks += use.peak_blocks;
  }

  void add_part(const model::LabelStackUse& use) {
    const std::uint32_t category = table_.category_of_stack[use.stack];
    if (category == kNoCategory) return;
    const model::LabelUse& whole = scopes_.labels[use.label];
    Label& label = label_of(scopes_.rules[whole.rule].name);
    for (LabelValue& value : label.values) {
      if (value.value != whole.value) continue;
      auto at = std::find_if(value.parts.begin(), value.parts.end(),
                             [category](const LabelPart& one) {
                               return one.category == category;
                             });
      if (at == value.parts.end()) {
        at = value.parts.insert(at, {category, 0, 0});
      }
      at->allocated_bytes += use.allocated_bytes;
      at->peak_bytes += use.peak_bytes;
    }
  }

  void sort(Label& label) const {
    for (LabelValue& value : label.values) {
      std::sort(value.parts.begin(), value.parts.end(),
                [](const LabelPart& a, const LabelPart& b) {
                  return std::tie(b.allocated_bytes, a.category) <
                         std::tie(a.allocated_bytes, b.category);
                });
    }
    std::sort(label.values.begin(), label.values.end(),
              [](const LabelValue& a, const LabelValue& b) {
                return std::tie(b.peak_bytes, b.allocated_bytes, a.value) <
                       std::tie(a.peak_bytes, a.allocated_bytes, b.value);
              });
  }

  const model::ScopeProfile& scopes_;
  const rules::ProgramRules& rules_;
  const CategoryTable& table_;
  std::map<std::string, std::size_t> numbers_;  // index into labels_
  std::vector<Label> labels_;
};

}  // namespace

std::vector<Label> find_labels(const model::Profile& profile,
                               const rules::ProgramRules& rules,
                               const CategoryTable& table) {
  return LabelFinder(profile, rules, table).find();
}

}  // namespace sagemem::analysis
