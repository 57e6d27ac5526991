// SPDX-License-Identifier: Apache-2.0
//
// Rules that a thread has used, by program counter: 16 bytes each, direct-
// mapped.  Thread-local, so a look-up shares nothing; a miss costs one reading
// of .eh_frame (some 100 ns), which is why there is no shared table behind it.
//
// Hazard: a rule is only as good as the code at its address.  clear() when
// the set of loaded modules has changed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "capture/unwind_rule.h"

namespace sagemem {

class RuleCache {
 public:
  // `find(pc)` makes the rule when it is not here.  That there is none is not
  // kept: code that is being generated may get one later.
  template <typename Find>
  UnwindRule get(std::uint64_t pc, Find find) noexcept {
    Entry& entry = entries_[slot(pc)];
    if (entry.key == pc || entry.key == ~pc) [[likely]]
      return entry.rule;
    const UnwindRule rule = find(pc);
    if (rule.kind != RuleKind::Unknown) {
      entry.key = rule.is_plain() ? pc : ~pc;
      entry.rule = rule;
    }
    return rule;
  }

  // The rule if it is here and plain, or nullptr.
  [[nodiscard]] const UnwindRule* peek_plain(std::uint64_t pc) const noexcept {
    const Entry& entry = entries_[slot(pc)];
    return entry.key == pc ? &entry.rule : nullptr;
  }

  void clear() noexcept {
    for (Entry& entry : entries_) {
      // Pages that were never used stay so.
      if (entry.key != 0) entry.key = 0;
    }
  }

 private:
  static constexpr unsigned kBits = 14;
  // Nothing is initialised: lives in pages that the kernel has zeroed, and a
  // thread that allocates little shall not touch them all.
  struct Entry {
    // Hides the initialisers that a rule has.
    Entry() noexcept {}  // NOLINT(modernize-use-equals-default)

    // The pc if its rule is plain, and ~pc if not: one comparison tells both,
    // for no pc is the complement of another.
    std::uint64_t key;
    union {
      UnwindRule rule;
    };
  };
  static_assert(sizeof(Entry) == 16);

  static std::size_t slot(std::uint64_t pc) noexcept {
    // 2^64 / golden ratio: multiplicative hashing, Knuth TAOCP 3, 6.4.
    return pc * 0x9e3779b97f4a7c15 >> (64 - kBits);
  }

  std::array<Entry, 1u << kBits> entries_;
};

}  // namespace sagemem
