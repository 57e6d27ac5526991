// SPDX-License-Identifier: Apache-2.0
//
// The fuzz target for profiles: reads one, and puts a few stacks into its
// categories.  Everything but a RuleError is a finding.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

#include "analysis/breakdown.h"
#include "rules/parse_rules.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace {

using namespace sagemem;

// Stacks that the seeds have rules for.
struct Stacks {
  Stacks() : symbols(modules) {
    add({"main", "run_sage", "sage_per_forest", "mymalloc"});
    add({"main", "sage_per_forest", "load_forest", "mymalloc_cat"});
    add({"main", "load_tree"});
    add({"H5Dread"});
  }

  void add(std::initializer_list<const char*> names) {
    model::StackId stack = model::kRootStack;
    for (const char* name : names) {
      const model::Frame frame{0, ++frames};
      symbolize::Location location;
      location.function = name;
      location.module = "/bin/sage";
      symbols.learn(frame, {location});
      stack = profile.stacks.push(stack, frame);
    }
    profile.uses.resize(profile.stacks.size());
    profile.uses[stack].allocations = 1;
  }

  std::uint64_t frames = 0;
  std::vector<model::Module> modules;
  symbolize::Symbolizer symbols;
  model::Profile profile;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Stacks stacks;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const rules::ProgramRules rules = rules::parse_rules(text, "profile");
    symbolize::SourceText sources(0);
    const auto sites = analysis::find_sites(stacks.profile, stacks.symbols, {});
    const auto breakdown = analysis::find_breakdown(
        stacks.profile, stacks.symbols, sources, sites, rules);
    std::uint64_t sum = 0;
    for (const auto& one : breakdown.table.categories) {
      sum += one.use.allocations;
    }
    // Each stack has one category.
    if (sum != 4) std::abort();
  } catch (const rules::RuleError& error) {
    // Refused, as it may be, with the place.
    if (!std::string_view(error.what()).starts_with("profile:")) std::abort();
  }
  return 0;
}
