// SPDX-License-Identifier: Apache-2.0
#include "model/scope_rules.h"

#include <utility>

#include "sagemem/trace/format.h"

namespace sagemem::model {

std::uint32_t ScopeRules::index(std::uint64_t number) {
  const auto next = static_cast<std::uint32_t>(rules_.size());
  const auto [slot, is_new] = indices_.try_emplace(number, next);
  if (is_new) {
    rules_.emplace_back().number = number;
    Keys& keys = keys_.emplace_back();
    keys.begin.fill(kNoKey);
    keys.end.fill(kNoKey);
  }
  return slot->second;
}

void ScopeRules::describe(const decode::ScopeRuleRecord& record) {
  const std::uint32_t index = this->index(record.number);
  ScopeRule& rule = rules_[index];
  rule.use = record.use;
  rule.name = record.name;
  rule.is_process_wide = (record.flags & trace::kRuleIsProcessWide) != 0;
  rule.is_built_in = (record.flags & trace::kRuleIsBuiltIn) != 0;
  Keys& keys = keys_[index];
  keys.begin_names.clear();
  keys.end_names.clear();
  for (const decode::Capture& capture : record.captures()) {
    auto& names = capture.is_at_end ? keys.end_names : keys.begin_names;
    names.emplace_back(capture.name);
  }
}

void ScopeRules::add_probe(const decode::ProbeRecord& record,
                           const ModuleTable& modules) {
  Probe probe;
  probe.roles = record.roles;
  probe.method = record.method;
  probe.reason = record.reason;
  probe.size = record.address != 0 ? record.size : 0;
  // resolve() takes return addresses, one behind the byte that decides.
  probe.start = modules.resolve(record.address + 1);
  --probe.start.offset;
  probe.symbol = record.symbol;
  rules_[index(record.rule)].probes.push_back(std::move(probe));
  ++probes_;
}

std::uint32_t ScopeRules::key(std::uint32_t rule, Moment moment,
                              std::size_t position) {
  Keys& keys = keys_[rule];
  std::uint32_t& key =
      moment == Moment::Begin ? keys.begin[position] : keys.end[position];
  if (key == kNoKey) {
    key = static_cast<std::uint32_t>(key_owners_.size());
    key_owners_.push_back({rule, moment, static_cast<std::uint32_t>(position)});
  }
  return key;
}

std::string ScopeRules::key_name(const KeyOwner& owner) const {
  const ScopeRule& rule = rules_[owner.rule];
  const Keys& keys = keys_[owner.rule];
  const bool is_begin = owner.moment == Moment::Begin;
  // A note has one value as a rule, and is called what the value is called.
  if (rule.use == trace::RuleUse::Note && owner.position == 0) return rule.name;
  const auto& names = is_begin ? keys.begin_names : keys.end_names;
  if (owner.position < names.size()) return names[owner.position];
  return (is_begin ? "begin" : "end") + std::to_string(owner.position + 1);
}

ScopeRules::Named ScopeRules::finish() && {
  for (ScopeRule& rule : rules_) {
    if (rule.name.empty()) rule.name = "rule " + std::to_string(rule.number);
  }
  std::vector<std::string> keys;
  keys.reserve(key_owners_.size());
  for (const KeyOwner& owner : key_owners_) keys.push_back(key_name(owner));
  return {std::move(rules_), std::move(keys)};
}

}  // namespace sagemem::model
