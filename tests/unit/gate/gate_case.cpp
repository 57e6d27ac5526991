// SPDX-License-Identifier: Apache-2.0
#include "gate_case.h"

#include <catch2/catch.hpp>

#include "analysis/breakdown.h"
#include "model/replay.h"
#include "rules/built_in.h"

namespace sagemem::test {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view text, FrameNames& names,
                                   void (*change)(trace::FileHeader&)) {
  // All named frames are in it.
  const std::string module =
      "0 session module 0 0x0-0x7fffffffffff bias 0x0 exe /bin/program\n";
  TraceBuilder trace = text_to_trace(module + std::string(text), names);
  end_well(trace.header);
  if (change != nullptr) change(trace.header);
  return trace.bytes();
}

void learn(symbolize::Symbolizer& symbols, const model::Profile& profile,
           const FrameNames& names) {
  for (model::StackId id = 1; id < profile.stacks.size(); ++id) {
    const model::Frame& frame = profile.stacks.frame(id);
    symbolize::Location location;
    location.function = names.name(frame.offset);
    location.file = "/src/" + location.function + ".c";
    location.line = 10;
    location.module = "/bin/program";
    symbols.learn(frame, {location});
  }
}

}  // namespace

void end_well(trace::FileHeader& header) {
  header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Exit);
}

struct GateCase::Parts {
  Parts(std::string_view text, void (*change)(trace::FileHeader&),
        const std::string& rules)
      : bytes(bytes_of(text, names, change)),
        file(decode::wrap_bytes(bytes)),
        profile(model::replay(file)),
        symbols(profile.modules) {
    learn(symbols, profile, names);
    sites = analysis::find_sites(profile, symbols, {});
    replay = [this](const model::ReplayOptions& options) {
      return model::replay(file, options);
    };
    breakdown = analysis::find_breakdown(profile, symbols, sources, sites,
                                         rules::load_rules(rules));
    analysis::count_over_time(breakdown, replay);
    subject = std::make_unique<report::Subject>(
        report::Subject{.trace = "case.smt",
                        .profile = profile,
                        .symbols = symbols,
                        .sites = sites,
                        .sources = sources,
                        .breakdown = breakdown,
                        .replay = replay});
  }

  FrameNames names;
  std::vector<std::uint8_t> bytes;
  decode::TraceFile file;
  model::Profile profile;
  symbolize::Symbolizer symbols;
  symbolize::SourceText sources{0};
  analysis::SiteTable sites;
  analysis::Breakdown breakdown;
  analysis::ReplayAgain replay;
  std::unique_ptr<report::Subject> subject;
};

GateCase::GateCase(std::string_view text, void (*change)(trace::FileHeader&),
                   const std::string& profile)
    : parts_(std::make_unique<Parts>(text, change, profile)) {}

GateCase::~GateCase() = default;

const report::Subject& GateCase::subject() const {
  return *parts_->subject;
}

gate::RuleSet rule_set(const std::string& rule) {
  gate::RuleSet set;
  set.rules.push_back(gate::parse_check(rule, 1));
  return set;
}

gate::RuleVerdict GateCase::check(const std::string& rule) const {
  rules_.push_back(std::make_unique<gate::RuleSet>(rule_set(rule)));
  return gate::check_trace(subject(), *rules_.back(), nullptr, paths_)
      .rules.at(0);
}

gate::RuleVerdict GateCase::check(const std::string& rule,
                                  const gate::Baseline& baseline) const {
  rules_.push_back(std::make_unique<gate::RuleSet>(rule_set(rule)));
  gate::check_baseline(*rules_.back(), &baseline, "baseline");
  return gate::check_trace(subject(), *rules_.back(), &baseline, paths_)
      .rules.at(0);
}

gate::Verdict GateCase::check(const gate::RuleSet& rules) const {
  return gate::check_trace(subject(), rules, nullptr, paths_);
}

int exit_code_of(const GateCase& one, const std::string& rule,
                 const std::string& when) {
  gate::RuleSet rules = rule_set(rule);
  if (!when.empty()) rules.rules[0].when = gate::parse_check(when, 2).checks;
  return gate::exit_code({one.check(rules)});
}

void holds(const GateCase& one, const std::string& rule) {
  INFO(rule);
  const auto verdict = one.check(rule);
  CHECK(verdict.outcome == gate::Outcome::Holds);
  if (!verdict.why.empty()) WARN(verdict.why);
}

void undecided(const GateCase& one, const std::string& rule,
               const std::string& why) {
  INFO(rule);
  const auto verdict = one.check(rule);
  CHECK(verdict.outcome == gate::Outcome::Undecided);
  CHECK(verdict.why.find(why) != std::string::npos);
  if (verdict.why.find(why) == std::string::npos) WARN(verdict.why);
}

gate::Outcome GateCase::outcome(const std::string& rule) const {
  return check(rule).outcome;
}

}  // namespace sagemem::test
