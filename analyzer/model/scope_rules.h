// SPDX-License-Identifier: Apache-2.0
//
// The rules of a trace: their numbers, names, captures and probes, and how
// captured values are called.
//
// Hazard: a rule's record may come after its events, so that numbers stand for
// rules that are described later, or never.
#pragma once

#include <tsl/robin_map.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "decode/control_record.h"
#include "model/module_table.h"
#include "model/scopes.h"

namespace sagemem::model {

class ScopeRules {
 public:
  enum class Moment : std::uint8_t { Begin, End };

  void describe(const decode::ScopeRuleRecord& record);
  void add_probe(const decode::ProbeRecord& record, const ModuleTable& modules);

  // The index of a rule, made when new.
  std::uint32_t index(std::uint64_t number);
  // The key of the n-th value that an event of the rule brings.
  std::uint32_t key(std::uint32_t rule, Moment moment, std::size_t position);

  [[nodiscard]] const std::vector<ScopeRule>& all() const { return rules_; }
  // Grows with every probe: what depends on them is to be looked up again.
  [[nodiscard]] std::size_t probes() const { return probes_; }

  // Gives names to what has none, and hands over.
  struct Named {
    std::vector<ScopeRule> rules;
    std::vector<std::string> keys;
  };
  Named finish() &&;

 private:
  static constexpr std::uint32_t kNoKey = 0xffffffff;
  struct Keys {
    std::array<std::uint32_t, trace::kMaxScopeValues> begin;
    std::array<std::uint32_t, trace::kMaxScopeValues> end;
    std::vector<std::string> begin_names;
    std::vector<std::string> end_names;
  };
  struct KeyOwner {
    std::uint32_t rule;
    Moment moment;
    std::uint32_t position;
  };

  [[nodiscard]] std::string key_name(const KeyOwner& owner) const;

  std::vector<ScopeRule> rules_;
  std::vector<Keys> keys_;  // by rule
  std::vector<KeyOwner> key_owners_;
  tsl::robin_map<std::uint64_t, std::uint32_t> indices_;  // by number
  std::size_t probes_ = 0;
};

}  // namespace sagemem::model
