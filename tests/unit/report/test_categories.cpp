// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "analysis/breakdown.h"
#include "analysis/choose_rules.h"
#include "report/categories.h"
#include "rules/built_in.h"
#include "rules/parse_rules.h"

using namespace sagemem;
using analysis::Category;
using analysis::CategoryTable;
using symbolize::Location;

namespace {

// A run in the making: stacks of named frames, outermost first.
class Run {
 public:
  Run() : symbols(modules_) {}

  void define(const std::string& name, std::vector<Location> locations) {
    symbols.learn(frame(name), std::move(locations));
  }

  model::StackId allocate(const std::vector<std::string>& stack,
                          std::uint64_t bytes = 1) {
    model::StackId id = model::kRootStack;
    for (const std::string& name : stack) {
      if (!frames_.contains(name)) {
        define(name, {{.function = name, .module = "/bin/app"}});
      }
      id = profile.stacks.push(id, frame(name));
    }
    profile.uses.resize(profile.stacks.size());
    model::StackUse& use = profile.uses[id];
    ++use.allocations;
    use.bytes_allocated += bytes;
    use.peak_bytes += bytes;
    ++use.peak_blocks;
    ++use.own_peak_blocks;
    use.own_peak_bytes += bytes;
    profile.peak.bytes += bytes;
    return id;
  }

  CategoryTable categories(const std::string& rules) {
    sites = analysis::find_sites(profile, symbols, {});
    return analysis::find_categories(
        profile, symbols, sources, sites,
        rules::parse_rules("name = \"p\"\n" + rules, "p.toml"));
  }

  std::string category_of(const std::string& rules, model::StackId stack) {
    const CategoryTable table = categories(rules);
    return table.categories[table.category_of_stack[stack]].name;
  }

 private:
  std::vector<model::Module> modules_;

 public:
  model::Profile profile;
  symbolize::Symbolizer symbols;
  analysis::SiteTable sites;
  symbolize::SourceText sources{
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::chrono::system_clock::now().time_since_epoch())
          .count() +
      3'600'000'000'000};

 private:
  model::Frame frame(const std::string& name) {
    const auto offset = frames_.try_emplace(name, frames_.size()).first->second;
    return {.module = 0, .offset = offset};
  }

  std::map<std::string, std::uint64_t> frames_;
};

std::string rule(const std::string& name, const std::string& conditions) {
  return "[[category]]\nname = \"" + name + "\"\n" + conditions + "\n";
}

}  // namespace

TEST_CASE("a rule looks at the site, not at the wrapper in it") {
  Run run;
  const auto stack = run.allocate({"main", "load", "mymalloc"});
  CHECK(run.category_of(rule("A", "function = \"load\""), stack) == "A");
  CHECK(run.category_of(rule("A", "function = \"mymalloc\""), stack) ==
        "Unknown");
  CHECK(run.category_of(rule("A", "function = \"main\""), stack) == "Unknown");
  CHECK(run.category_of(rule("A", "within = \"main\""), stack) == "A");
  CHECK(run.category_of(rule("A", "within = \"mymalloc\""), stack) == "A");
  CHECK(run.category_of(rule("A", "stack = \"main > load\""), stack) == "A");
  CHECK(run.category_of(rule("A", "stack = \"main\""), stack) == "Unknown");
}

TEST_CASE("the first rule that matches counts; all its conditions have to") {
  Run run;
  run.define("a", {{.function = "f", .file = "/src/io/a.c", .line = 1}});
  run.define("b", {{.function = "f", .file = "/src/b.c", .line = 1}});
  const auto a = run.allocate({"main", "a"});
  const auto b = run.allocate({"main", "b"});
  const std::string rules =
      rule("Never", "function = \"f\"\nmodule = \"other\"") +
      rule("A", "function = \"f\"\nfile = [\"x.c\", \"io/*\"]") +
      rule("F", "function = [\"g\", \"f\"]") + rule("Late", "file = \"b.c\"");
  CHECK(run.category_of(rules, a) == "A");
  CHECK(run.category_of(rules, b) == "F");
}

TEST_CASE("files and modules are compared from their ends") {
  Run run;
  run.define("a", {{.function = "f",
                    .file = "/src/io/tree/a.c",
                    .line = 1,
                    .module = "/usr/lib/libhdf5_serial.so.103"}});
  const auto stack = run.allocate({"a"});
  for (const char* yes : {"file = \"a.c\"", "file = \"tree/a.c\"",
                          "file = \"io/*\"", "file = \"/src/*\"",
                          "module = \"libhdf5*\"", "module = \"/usr/lib/*\""}) {
    CAPTURE(yes);
    CHECK(run.category_of(rule("A", yes), stack) == "A");
  }
  for (const char* no : {"file = \"ree/a.c\"", "file = \"c\"", "file = \"src\"",
                         "module = \"libhdf5\""}) {
    CAPTURE(no);
    CHECK(run.category_of(rule("A", no), stack) == "Unknown");
  }
}

TEST_CASE("names of C++ are compared without templates and parameters") {
  Run run;
  run.define("a", {{.function = "ns::fill<int>(ns::Tree&) const"}});
  const auto stack = run.allocate({"a"});
  CHECK(run.category_of(rule("A", "function = \"ns::fill\""), stack) == "A");
}

TEST_CASE("source lines tell calls of one function apart") {
  const auto source = std::filesystem::temp_directory_path() /
                      ("sagemem-lines-" + std::to_string(::getpid()) + ".c");
  std::ofstream(source) << "  HaloAux = mymalloc(n * sizeof(HaloAux[0]));\n"
                           "  HaloGal=mymalloc(m);\n"
                           "  Gal = mymalloc(m); /* galaxies */\n";
  Run run;
  std::vector<model::StackId> stacks;
  for (std::uint32_t line = 1; line <= 4; ++line) {
    const std::string name = "line" + std::to_string(line);
    run.define(name, {{.function = "forest", .file = source, .line = line}});
    stacks.push_back(run.allocate({name, "mymalloc"}));
  }
  const std::string rules =
      rule("Halos", "function = \"forest\"\nline = \"HaloAux = mymalloc*\"") +
      rule("Galaxies", "line = [\"HaloGal = *\", \"Gal = *\"]");
  CHECK(run.category_of(rules, stacks[0]) == "Halos");
  CHECK(run.category_of(rules, stacks[1]) == "Galaxies");
  CHECK(run.category_of(rules, stacks[2]) == "Galaxies");
  CHECK(run.category_of(rules, stacks[3]) == "Unknown");
  std::filesystem::remove(source);
}

TEST_CASE("without the source their order does, by line or by address") {
  const std::string rules = rule("First", "function = \"forest\"\ncall = 1") +
                            rule("Third", "function = \"forest\"\ncall = 3") +
                            rule("Rest", "function = \"forest\"");
  for (const bool has_lines : {true, false}) {
    CAPTURE(has_lines);
    Run run;
    std::vector<model::StackId> stacks;
    // The frames are made in the order of their addresses.
    for (std::uint32_t i = 0; i < 3; ++i) {
      const std::string name = "call" + std::to_string(i);
      run.define(name, {{.function = "forest",
                         .file = has_lines ? "/nowhere/f.c" : "",
                         .line = has_lines ? 10 + i : 0}});
    }
    for (const char* name : {"call2", "call0", "call1"}) {
      stacks.push_back(run.allocate({"main", name, "mymalloc"}));
    }
    const CategoryTable table = run.categories(rules);
    const auto name_of = [&table](model::StackId stack) {
      return table.categories[table.category_of_stack[stack]].name;
    };
    CHECK(name_of(stacks[0]) == "Third");
    CHECK(name_of(stacks[1]) == "First");
    CHECK(name_of(stacks[2]) == "Rest");
    CHECK(table.told_by_order == (has_lines ? 0 : 3));
  }
}

TEST_CASE("the rest can be called after its module") {
  Run run;
  run.define("a", {{.function = "f", .module = "/usr/lib/libfoo.so.3"}});
  run.define("b", {{.function = "g"}});
  const auto library = run.allocate({"a"});
  const auto program = run.allocate({"main"});
  const auto nowhere = run.allocate({"b"});
  const std::string rules = rule("{module}", "function = \"*\"");
  CHECK(run.category_of(rules, library) == "libfoo");
  CHECK(run.category_of(rules, program) == "app");
  CHECK(run.category_of(rules, nowhere) == "Unknown");
}

TEST_CASE("every allocation has exactly one category") {
  Run run;
  for (int i = 0; i < 50; ++i) {
    run.allocate({"main", "f" + std::to_string(i % 7), "mymalloc"}, 10);
  }
  const CategoryTable table = run.categories(
      rule("A", "function = [\"f1\", \"f2\"]") +
      rule("B", "within = \"f*\"\nfunction = \"f3\"") +
      rule("Unknown", "function = \"f4\"") + rule("A", "function = \"f5\"") +
      rule("Empty", "function = \"none\""));
  REQUIRE(table.categories.size() == 4);
  CHECK(table.categories.back().name == "Unknown");
  std::uint64_t sum = 0;
  for (const Category& one : table.categories) sum += one.use.bytes_allocated;
  CHECK(sum == 500);
  const auto ranked = analysis::rank_categories(table);
  REQUIRE(ranked.size() == 3);
  CHECK(table.categories[ranked[0]].name == "A");
  CHECK(table.categories[ranked[2]].name == "Unknown");
}

TEST_CASE("a profile is chosen by the functions that it requires") {
  Run run;
  run.allocate({"main", "construct_galaxies", "mymalloc"});
  static_cast<void>(run.categories(""));
  CHECK(analysis::choose_profile(run.symbols) == "generic");
  run.allocate({"main", "load_forest", "mymalloc"});
  static_cast<void>(run.categories(""));
  CHECK(analysis::choose_profile(run.symbols) == "sage-model");
}

TEST_CASE("a limit that may be near is counted, others are bounded") {
  Run run;
  for (int i = 0; i < 6; ++i) run.allocate({"main", "f", "mymalloc"}, 100);
  run.allocate({"main", "g"}, 100);
  const auto rules = rules::parse_rules(
      "name = \"p\"\n"
      "[[limit]]\nname = \"far\"\nfunctions = \"mymalloc\"\nblocks = 100\n"
      "[[limit]]\nname = \"near\"\nfunctions = \"my*\"\nblocks = 10\n"
      "[[limit]]\nname = \"bytes\"\nfunctions = \"main\"\nbytes = 1000\n",
      "p.toml");
  const auto limits = analysis::find_limits(run.profile, run.symbols, rules);
  REQUIRE(limits.size() == 3);
  CHECK(limits[0].bound == 6);
  CHECK_FALSE(limits[0].is_near());
  CHECK(limits[1].is_near());
  CHECK(limits[2].bound == 700);
  CHECK(limits[2].stacks.size() == 2);
}

TEST_CASE("the program's own categories stand beside those of the profile") {
  Run run;
  const auto f = run.allocate({"main", "f", "mymalloc"}, 60);
  const auto g = run.allocate({"main", "g", "mymalloc"}, 40);
  const auto rules = rules::parse_rules(
      "name = \"p\"\n" + rule("F", "function = \"f\"") +
          "[[label]]\nname = \"cat\"\nfunctions = \"mymalloc\"\n"
          "read = \"arg2\"\nvalues = { 1 = \"One\" }\n",
      "p.toml");
  run.sites = analysis::find_sites(run.profile, run.symbols, {});
  // Two rules of one name, which both saw the value 1.
  model::ScopeProfile& scopes = run.profile.scopes;
  scopes.rules.resize(2);
  scopes.rules[0].name = scopes.rules[1].name = "cat";
  const auto use = [](std::uint32_t of, std::int64_t value, std::uint64_t bytes,
                      std::uint64_t together) {
    model::LabelUse result;
    result.rule = of;
    result.value = value;
    result.allocated_bytes = bytes;
    result.own_peak_bytes = together;
    result.peak_bytes = bytes;
    result.allocated_blocks = bytes > 0 ? 1 : 0;
    return result;
  };
  scopes.labels = {use(0, 1, 60, 70), use(0, 7, 10, 10), use(1, 1, 30, 70)};
  const auto part = [](std::uint32_t label, model::StackId stack,
                       std::uint64_t bytes) {
    model::LabelStackUse result;
    result.label = label;
    result.stack = stack;
    result.allocated_bytes = result.peak_bytes = bytes;
    return result;
  };
  scopes.label_stacks = {part(0, f, 60), part(1, g, 10), part(2, g, 30)};
  const auto breakdown = analysis::find_breakdown(
      run.profile, run.symbols, run.sources, run.sites, rules);
  REQUIRE(breakdown.labels.size() == 1);
  const auto& values = breakdown.labels[0].values;
  REQUIRE(values.size() == 2);
  CHECK(values[0].name == "One");
  CHECK(values[0].allocated_bytes == 90);
  CHECK(values[0].own_peak_bytes == 70u);
  REQUIRE(values[0].parts.size() == 2);
  CHECK(values[0].parts[0].allocated_bytes == 60);
  CHECK(breakdown.table.categories[values[0].parts[1].category].name ==
        "Unknown");
  CHECK(values[1].name == "7");
  CHECK(values[1].own_peak_bytes == 10u);
}
