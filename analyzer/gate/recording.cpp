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
  add(noticed(profile, trace::Notice::ProbesRefused),
      "functions of scopes were not seen as they should be");
}

std::string stacks_text(std::uint64_t count, const char* what) {
  return count == 0 ? std::string()
                    : fmt::format("{} call stacks {}",
                                  report::format_count(count), what);
}

void add_stack_gaps(const model::Profile& profile, Recording& result) {
  const auto first_of = [](std::initializer_list<std::string> texts) {
    for (const std::string& one : texts) {
      if (!one.empty()) return one;
    }
    return std::string();
  };
  result.any_frames = first_of(
      {stacks_text(noticed(profile, trace::Notice::UnwindFailed),
                   "could not be followed beyond the call"),
       stacks_text(noticed(profile, trace::Notice::StackGuessed),
                   "were guessed through code without unwind information")});
  result.outer_frames = first_of(
      {result.any_frames,
       stacks_text(noticed(profile, trace::Notice::StackTruncated),
                   "are deeper than the recorder goes"),
       stacks_text(profile.anomalies.unknown_code,
                   "go through generated code, outer frames may be missing")});
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
  add_stack_gaps(profile, result);
  switch (static_cast<EndKind>(profile.header.end_kind)) {
    case EndKind::Exit:
    case EndKind::ImmediateExit:
      break;
    case EndKind::Exec:
      result.replaced = "the program became another one by exec";
      break;
    case EndKind::Unknown:
    case EndKind::Abort:
    case EndKind::Signal:
    default:
      // It would have gone on: not even the peak is that of the run.
      result.cut_off =
          "the program did not come to its end: " + report::end_text(profile);
  }
  return result;
}

std::vector<std::string> Recording::gaps() const {
  std::vector<std::string> all = record_gaps;
  all.insert(all.end(), scope_gaps.begin(), scope_gaps.end());
  for (const std::string* const one : {&cut_off, &replaced}) {
    if (!one->empty()) all.push_back(*one);
  }
  return all;
}

std::string Recording::gap_of(About about, Needs needs,
                              bool is_by_stacks) const {
  if (needs == Needs::Nothing) return "";
  if (!record_gaps.empty()) return record_gaps.front();
  if (!cut_off.empty()) return cut_off;
  const bool is_of_scopes = about == About::Scope || about == About::Floor ||
                            about == About::Resident || about == About::Cost;
  if (is_of_scopes && !scope_gaps.empty()) return scope_gaps.front();
  if (needs == Needs::End && !replaced.empty()) return replaced;
  if (about == About::Within || is_by_stacks) return outer_frames;
  return about == About::Wrapper ? any_frames : "";
}

}  // namespace sagemem::gate
