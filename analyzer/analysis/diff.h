// SPDX-License-Identifier: Apache-2.0
//
// What is different between two runs: of all sites, of the whole, of scopes
// with equal captured values.
//
// Two runs of one program differ too: threads, hashing by address and the like
// move a number by a little.  What changed by no more than the noise is no
// difference; how many such there are is counted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/place_match.h"
#include "analysis/sites.h"
#include "model/profile.h"
#include "symbolize/source_text.h"

namespace sagemem::analysis {

// One of the two runs; what it refers to outlives the diff.
struct DiffSide {
  const model::Profile& profile;
  const SiteTable& sites;
  symbolize::SourceText& sources;
  const ReplayAgain& replay;
};

struct Noise {
  double share = 0.01;  // of the greater of the two numbers

  // Whether two numbers are as good as equal.  `whole`: what they are a part
  // of, of which a tenth of that share is noise too.
  [[nodiscard]] bool covers(std::uint64_t before, std::uint64_t after,
                            std::uint64_t whole) const;
};

// What a site did in one of the runs.
struct SiteFigures {
  std::uint64_t own_peak_bytes = 0;  // the most it ever held
  std::uint64_t own_peak_blocks = 0;
  std::uint64_t peak_bytes = 0;  // at the highest point of the whole
  std::uint64_t leaked_bytes = 0;
  std::uint64_t leaked_blocks = 0;
  std::uint64_t bytes_allocated = 0;
  std::uint64_t allocations = 0;
  std::uint64_t temporary = 0;
};

enum class Verdict : std::uint8_t { Same, New, Gone, Grown, Shrunk };

// From the first number to the second.
[[nodiscard]] Verdict judge(std::uint64_t before, std::uint64_t after,
                            std::uint64_t whole, const Noise& noise);

struct SiteChange {
  // One of them may be nullptr: the site is new, or gone.
  const symbolize::Location* before = nullptr;
  const symbolize::Location* after = nullptr;
  Likeness likeness = Likeness::Same;
  SiteFigures old_use;
  SiteFigures new_use;
  // By each measure; Same where that is only noise.
  Verdict own_peak = Verdict::Same;
  Verdict leaked = Verdict::Same;
  Verdict allocated = Verdict::Same;

  [[nodiscard]] const symbolize::Location& location() const {
    return after != nullptr ? *after : *before;
  }
  [[nodiscard]] bool is_same() const {
    return own_peak == Verdict::Same && leaked == Verdict::Same &&
           allocated == Verdict::Same;
  }
};

// Two scopes of one rule that captured the same.
struct ScopeChange {
  std::string rule;
  std::int64_t number = 0;
  model::ScopeId before = model::kNoScope;
  model::ScopeId after = model::kNoScope;
  Verdict peak = Verdict::Same;
  Verdict escaped = Verdict::Same;
  Verdict allocated = Verdict::Same;

  [[nodiscard]] bool is_same() const {
    return peak == Verdict::Same && escaped == Verdict::Same &&
           allocated == Verdict::Same;
  }
};

struct Diff {
  Noise noise;
  std::vector<SiteChange> sites;  // all that are in either run; see each list
  // Scopes that are in both runs: those with a difference, largest first.
  std::vector<ScopeChange> scopes;
  std::uint64_t equal_scopes = 0;  // pairs without one
  std::uint64_t old_scopes = 0;    // without a partner
  std::uint64_t new_scopes = 0;
};

// Replays both traces once more, for what each site held over time.
[[nodiscard]] Diff find_diff(const DiffSide& before, const DiffSide& after,
                             Noise noise);

// The sites that a measure finds different, largest change first, then by name.
[[nodiscard]] std::vector<const SiteChange*> changed_sites(
    const Diff& diff, Verdict SiteChange::*verdict,
    std::uint64_t SiteFigures::*figure);

}  // namespace sagemem::analysis
