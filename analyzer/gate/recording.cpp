// SPDX-License-Identifier: Apache-2.0
#include "gate/recording.h"

#include <fmt/format.h>

#include "analysis/exactness.h"
#include "report/run_facts.h"
#include "report/units.h"

namespace sagemem::gate {
namespace {

using analysis::Weight;
using trace::EndKind;

std::uint64_t noticed(const model::Profile& profile, trace::Notice notice) {
  return profile.header.notices[static_cast<std::size_t>(notice)];
}

void add_scope_gaps(const model::Profile& profile,
                    std::vector<std::string>& gaps) {
  const auto add = [&gaps](std::uint64_t count, const char* what) {
    if (count > 0)
      gaps.push_back(fmt::format("{} {}", report::format_count(count), what));
  };
  add(noticed(profile, trace::Notice::ScopesMissed),
      "begins and ends of scopes were missed");
  add(noticed(profile, trace::Notice::ScopesTooDeep) + profile.scopes.too_deep,
      "scopes were too deep in each other");
}

}  // namespace

Recording find_gaps(const report::Subject& subject) {
  const model::Profile& profile = subject.profile;
  Recording result;
  for (const analysis::Reservation& one : analysis::reservations(profile)) {
    if (one.weight != Weight::Loss && one.weight != Weight::Anomaly) continue;
    result.record_gaps.push_back(
        fmt::format("{} {}", report::format_count(one.count), one.text));
  }
  if (profile.stopped())
    result.record_gaps.push_back("recording stopped before the program: " +
                                 analysis::stop_text(profile));
  if (profile.is_filtered)
    result.record_gaps.emplace_back("only some blocks were chosen");
  add_scope_gaps(profile, result.scope_gaps);
  switch (static_cast<EndKind>(profile.header.end_kind)) {
    case EndKind::Exit:
    case EndKind::ImmediateExit:
      break;
    case EndKind::Exec:
      result.end_gaps.emplace_back("the program became another one by exec");
      break;
    case EndKind::Unknown:
    case EndKind::Abort:
    case EndKind::Signal:
    default:
      // It would have gone on: not even the peak is that of the run.
      result.record_gaps.push_back("the program did not come to its end: " +
                                   report::end_text(profile));
  }
  return result;
}

std::string Recording::gap_of(About about, Needs needs) const {
  if (needs == Needs::Nothing) return "";
  if (!record_gaps.empty()) return record_gaps.front();
  const bool is_of_scopes = about == About::Scope || about == About::Floor ||
                            about == About::Resident || about == About::Cost;
  if (is_of_scopes && !scope_gaps.empty()) return scope_gaps.front();
  if (needs == Needs::End && !end_gaps.empty()) return end_gaps.front();
  return "";
}

}  // namespace sagemem::gate
