// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "analysis/ranking.h"
#include "analysis/sites.h"
#include "analysis/wrappers.h"

using namespace sagemem;
using namespace sagemem::analysis;
using symbolize::Location;
using symbolize::Symbolizer;

namespace {

// A profile in the making: stacks of named functions, innermost first.
class Runs {
 public:
  Runs() : symbols_(modules_) {}

  // What stands for "function file line"; each name is a frame of its own.
  void define(const std::string& name, std::vector<Location> locations) {
    symbols_.learn(frame(name), std::move(locations));
  }

  void allocate(const std::vector<std::string>& stack,
                const model::StackUse& use) {
    model::StackId id = model::kRootStack;
    for (auto name = stack.rbegin(); name != stack.rend(); ++name) {
      if (!frames_.contains(*name))
        define(*name, {{.function = *name, .module = "/bin/app"}});
      id = profile_.stacks.push(id, frame(*name));
    }
    profile_.uses.resize(profile_.stacks.size());
    profile_.uses[id] = use;
  }

  std::string site_of(const std::vector<std::string>& stack) {
    allocate(stack, {.allocations = 1});
    const SiteTable table = find_sites(profile_, symbols_, wrappers);
    return table.sites[table.site_of_stack.back()].location->name();
  }

  SiteTable sites() { return find_sites(profile_, symbols_, wrappers); }
  model::Profile& profile() { return profile_; }
  Symbolizer& symbols() { return symbols_; }

  WrapperList wrappers;

 private:
  model::Frame frame(const std::string& name) {
    const auto offset = frames_.try_emplace(name, frames_.size()).first->second;
    return {.module = 0, .offset = offset};
  }

  std::vector<model::Module> modules_;
  Symbolizer symbols_;
  model::Profile profile_;
  std::map<std::string, std::uint64_t> frames_;
};

Location unnamed(const char* module, std::uint64_t offset) {
  return {.module = module, .offset = offset};
}

model::StackUse use(std::uint64_t peak_bytes, std::uint64_t live_bytes = 0) {
  return {.allocations = 1,
          .bytes_allocated = peak_bytes + live_bytes,
          .peak_bytes = peak_bytes,
          .peak_blocks = peak_bytes > 0 ? 1u : 0u,
          .live_bytes = live_bytes,
          .live_blocks = live_bytes > 0 ? 1u : 0u};
}

}  // namespace

TEST_CASE("the site is the first frame that is no wrapper") {
  Runs runs;
  CHECK(runs.site_of({"load_halos", "main"}) == "load_halos");
  CHECK(runs.site_of({"mymalloc", "load_halos", "main"}) == "load_halos");
  CHECK(runs.site_of({"mymalloc_cat", "mymalloc", "build", "main"}) == "build");
  CHECK(
      runs.site_of({"operator new(unsigned long)",
                    "std::vector<int, std::allocator<int> >::reserve(unsigned "
                    "long)",
                    "fill(Tree&)", "main"}) == "fill(Tree&)");
  CHECK(runs.site_of({"g_malloc0", "g_strdup", "parse", "main"}) == "parse");
  CHECK(runs.site_of({"H5FL_blk_malloc", "H5D__read", "main"}) == "H5D__read");
  CHECK(runs.site_of({"PyObject_Malloc", "PyList_New"}) == "PyList_New");
  CHECK(runs.site_of({"strdup", "read_parameters"}) == "read_parameters");
}

TEST_CASE("a stack of wrappers alone belongs to the outermost one") {
  Runs runs;
  CHECK(runs.site_of({"malloc", "xmalloc", "mymalloc"}) == "mymalloc");
  CHECK(runs.site_of({"xmalloc"}) == "xmalloc");
}

TEST_CASE("users name wrappers of their own") {
  Runs runs;
  const std::vector<std::string> stack = {"pool_take", "arena<int>::get(int)",
                                          "work"};
  CHECK(runs.site_of(stack) == "pool_take");
  runs.wrappers.add("pool_*");
  CHECK(runs.site_of(stack) == "arena<int>::get(int)");
  runs.wrappers.add("arena::get");
  CHECK(runs.site_of(stack) == "work");
}

TEST_CASE("inlined wrappers are skipped like others") {
  Runs runs;
  runs.define(
      "line",
      {{.function = "std::vector<int>::push_back(int&&)",
        .file = "stl_vector.h",
        .line = 1287,
        .inlined = true},
       {.function = "add_halo", .file = "tree.c", .line = 88, .inlined = true},
       {.function = "build", .file = "tree.c", .line = 102}});
  CHECK(runs.site_of({"operator new(unsigned long)", "line"}) == "add_halo");
}

TEST_CASE("a nameless frame belongs to the wrapper that it was called from") {
  Runs runs;
  runs.define("asprintf", {{.function = "asprintf", .module = "libc.so.6"}});
  runs.define("helper", {unnamed("libc.so.6", 0x123)});
  runs.define("other", {unnamed("libother.so", 0x456)});
  CHECK(runs.site_of({"helper", "asprintf", "main"}) == "main");
  CHECK(runs.site_of({"helper", "main"}) == "libc.so.6+0x123");
  CHECK(runs.site_of({"other", "asprintf", "main"}) == "libother.so+0x456");
  CHECK(runs.site_of({"helper"}) == "libc.so.6+0x123");
}

TEST_CASE("lines make sites of their own, stacks do not") {
  Runs runs;
  for (const std::uint32_t line : {203u, 204u})
    runs.define("sage:" + std::to_string(line), {{.function = "sage_per_forest",
                                                  .file = "sage.c",
                                                  .line = line,
                                                  .module = "/bin/sage"}});
  runs.allocate({"sage:203", "a"}, use(10));
  runs.allocate({"sage:203", "b"}, use(20));
  runs.allocate({"sage:204", "b"}, use(30));
  // The same static function in two modules without lines is two functions.
  runs.define("init1", {{.function = "init", .module = "liba.so"}});
  runs.define("init2", {{.function = "init", .module = "libb.so"}});
  runs.allocate({"init1"}, use(40));
  runs.allocate({"init2"}, use(50));
  const SiteTable table = runs.sites();
  REQUIRE(table.sites.size() == 4);
  CHECK(table.sites[0].stacks.size() == 2);
  CHECK(table.sites[0].use.peak_bytes == 30);
  CHECK(table.sites[1].use.peak_bytes == 30);
  CHECK(table.site_of_stack[model::kRootStack] == kNoSite);
}

TEST_CASE("ranks are a total order by number, then by name") {
  Runs runs;
  for (const char* name : {"delta", "alpha", "charlie", "bravo"})
    runs.allocate({name, "main"}, use(100));
  runs.allocate({"echo", "main"}, use(0, 7));
  runs.allocate({"foxtrot", "main"}, use(101));
  const SiteTable table = runs.sites();
  std::string order;
  for (const Site* site : rank_sites(table, Measure::PeakBytes))
    order += site->location->function.substr(0, 1);
  CHECK(order == "fabcd");
  CHECK(rank_sites(table, Measure::LiveBytes).size() == 1);
  CHECK(order_sites(table, Measure::LiveBytes).size() == 6);
  CHECK(rank_sites(table, Measure::Temporary).empty());
}

TEST_CASE("blocks of no bytes that were never released are leaks") {
  Runs runs;
  runs.allocate({"empty", "main"}, {.allocations = 3, .live_blocks = 2});
  runs.allocate({"none", "main"}, {.allocations = 3});
  const SiteTable table = runs.sites();
  const auto leaks = rank_sites(table, Measure::LiveBytes);
  REQUIRE(leaks.size() == 1);
  CHECK(leaks[0]->location->function == "empty");
}

TEST_CASE("stacks of a site are ordered by number, then by their frames") {
  Runs runs;
  for (const char* outer : {"zulu", "alpha", "mike"})
    runs.allocate({"site", outer, "main"}, use(5));
  runs.allocate({"site", "november", "main"}, use(6));
  runs.allocate({"site", "alpha"}, use(5));
  const SiteTable table = runs.sites();
  REQUIRE(table.sites.size() == 1);
  std::string order;
  const auto stacks = rank_stacks(runs.profile(), runs.symbols(),
                                  table.sites[0], Measure::PeakBytes);
  for (const model::StackId stack : stacks) {
    const auto frames = runs.profile().stacks.frames(stack);
    order += runs.symbols().resolve(frames[1])[0]->function.substr(0, 1);
    order += std::to_string(frames.size());
  }
  CHECK(order == "n3a2a3m3z3");
}
