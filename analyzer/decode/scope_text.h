// SPDX-License-Identifier: Apache-2.0
//
// What text.h prints, for the part of a trace that is about scopes:
//
//   0 session rule 1 scope forest built-in (number,nhalos@end)
//   0 session probe 1 begin call-through 0x401000 288 sage_per_forest
//   0 session probe 2 begin end breakpoint too-short 0x402000 5 f
//   10 t7 scope_begin 1 812
//   11 t7 scope_begin 3 process
//   20 t7 label 4 2
//   30 t7 note 2 -5
//   40 t7 scope_end 1 abandoned 77
//   50 session snapshot before merging
//
// The numbers behind the rule's are the captured values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "decode/event.h"

namespace sagemem::decode {

// As they stand in a dump; "unknown" for what this version does not know.
std::string_view use_name(trace::RuleUse use) noexcept;
std::string_view method_name(trace::ProbeMethod method) noexcept;
std::string_view reason_name(trace::ProbeReason reason) noexcept;

// The line without stamp and thread.
std::string print_scope_event(const Event& event);
std::string print_rule(const ScopeRuleRecord& rule);
std::string print_probe(const ProbeRecord& probe);

}  // namespace sagemem::decode
