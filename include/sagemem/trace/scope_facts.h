// SPDX-License-Identifier: Apache-2.0
//
// What the records on scopes may say beyond what format.h has of them.
#pragma once

#include <cstdint>

namespace sagemem::trace {

// Flag of a ScopeRule.  Its functions are no begins of scopes, but where its
// values are looked at: a scope begins with each new set of them, at the first
// such call that sees it.
inline constexpr std::uint64_t kRuleIsEach = 4;

// Key of an Info record.  Of the program: "dynamic" where only what it exports
// has a name, because its symbol table was stripped.  Not there where nobody
// looked, or where there is one.
inline constexpr char kInfoSymbols[] = "symbols";
inline constexpr char kDynamicSymbols[] = "dynamic";

}  // namespace sagemem::trace
