// SPDX-License-Identifier: Apache-2.0
//
// The table of all figures that rules can name; figures.cpp holds it, one entry
// for each, and sagemem-rules(5) says the same.  What a figure is about stands
// in front of its name:
//
//   leaked.blocks                    the run
//   scope("forest").peak             scopes, one number for each of them
//   site("*construct_galaxies*").leaked.bytes     blocks that are chosen
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "analysis/leak_report.h"
#include "analysis/limits.h"
#include "analysis/scope_groups.h"
#include "analysis/scope_trends.h"
#include "gate/quantity.h"
#include "model/profile.h"
#include "report/subject.h"

namespace sagemem::gate {

enum class About : std::uint8_t {
  Run,
  Scope,
  Floor,
  Resident,
  Cost,
  Limit,
  Notice,
  // Blocks, chosen by their call stacks.
  Site,
  Wrapper,
  Category,
  Module,
  File,
  Within,
};

// What is known of the parts of a figure's name in parentheses.
struct AboutName {
  About about;
  std::string_view name;
  std::size_t least_arguments;
  std::size_t most_arguments;
  std::string_view arguments;  // what they are
};
[[nodiscard]] std::span<const AboutName> all_abouts();
[[nodiscard]] const AboutName& about_name(About about);
[[nodiscard]] constexpr bool chooses_blocks(About about) {
  return about >= About::Site;
}

// What the recording has to be for a figure to be what it says.
enum class Needs : std::uint8_t {
  Nothing,  // a figure about the recording itself
  Record,   // every event from the start to the end
  End,      // the same, and the program ended by itself
};

// What shows a reader where a figure comes from.
enum class Evidence : std::uint8_t {
  None,
  Leaked,     // sites
  Lost,       // sites, of what nothing points to
  Indirect,   // sites, of what only lost blocks point to
  Reachable,  // sites, of what something still points to
  Peak,       // sites
  Temporary,  // sites
  Allocated,  // sites
  Escaped,    // sites and scopes
  Scopes,     // scopes, and the sites of the peak of the first
};

// How the numbers of many scopes become one.
enum class Aggregate : std::uint8_t { None, Sum, Max, Min, Mean, Median };

// A number, or why there is none.
struct Reading {
  std::optional<double> value;
  std::string why;

  // NOLINTBEGIN(google-explicit-constructor): the entries of a table.
  Reading(std::uint64_t number) : value(static_cast<double>(number)) {}
  Reading(std::int64_t number) : value(static_cast<double>(number)) {}
  Reading(double number) : value(number) {}
  Reading(const char* reason) : why(reason) {}
  Reading(std::string reason) : why(std::move(reason)) {}
  // NOLINTEND(google-explicit-constructor)
};

// The blocks that a figure is about.
struct ChosenBlocks {
  model::StackUse use;
  model::GroupUse over_time;  // when a figure needs it
  std::uint64_t sites = 0;
  model::LeakAmounts leaks;  // after suppressions, when a figure needs it
};

// What a figure is read from: the part that suits what it is about.
struct Asked {
  const report::Subject& subject;
  const ChosenBlocks* blocks = nullptr;
  const ChosenBlocks* all = nullptr;  // of Run, for what is counted over time
  const analysis::ScopeGroup* group = nullptr;
  const model::Scope* scope = nullptr;
  const analysis::Line* line = nullptr;
  const analysis::CostModel* cost = nullptr;
  const analysis::LimitUse* limit = nullptr;
  std::uint64_t noticed = 0;
  std::uint64_t new_leaking_sites = 0;
  // Where kByClass: of the run or of scopes.
  const analysis::LeakReport* leaks = nullptr;
};

// Figure::flags.
inline constexpr unsigned kOfTheRun = 1;    // changes from run to run
inline constexpr unsigned kOverTime = 2;    // takes another replay
inline constexpr unsigned kByBaseline = 4;  // has to have one
inline constexpr unsigned kByClass = 8;     // tells leaks apart
inline constexpr unsigned kOfTheEnd = 16;   // how the program ended
inline constexpr unsigned kOfNothing = 32;  // of what is not there 0

struct Figure {
  About about;
  std::string_view name;
  std::string_view alias;  // a shorter name; "": none
  Unit unit;
  Needs needs;
  Evidence evidence;
  unsigned flags;
  Aggregate aggregate;  // None: one number; else when nobody says another
  Reading (*read)(const Asked& asked);
  std::string_view meaning;

  [[nodiscard]] bool has(unsigned flag) const { return (flags & flag) != 0; }
};

[[nodiscard]] std::span<const Figure> all_figures();
// By name or alias; nullptr: there is none.
[[nodiscard]] const Figure* find_figure(About about, std::string_view name);
// A name that is nearly this one, or "".
[[nodiscard]] std::string nearest_figure(About about, std::string_view name);

}  // namespace sagemem::gate
