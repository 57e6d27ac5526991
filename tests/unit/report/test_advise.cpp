// SPDX-License-Identifier: Apache-2.0
//
// What is advised, and what is too little to be said: made-up figures, each
// just above a threshold and just below.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "analysis/advise.h"

namespace {

using namespace sagemem;
using analysis::Advice;
using analysis::AdviceKind;
using analysis::ReuseKind;

constexpr std::uint64_t kMebi = 1 << 20;

struct Findings {
  model::Profile profile;
  analysis::SiteTable sites;
  std::vector<symbolize::Location> places{3};
  std::vector<analysis::LimitUse> limits;
  std::vector<analysis::GrowthSite> growth;
  analysis::Reuse reuse;

  // A run that did nothing worth a word.
  Findings() {
    profile.header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Exit);
    profile.peak.bytes = 100 * kMebi;
    profile.totals.allocations = 100000;
    profile.totals.releases = 100000;
    profile.totals.bytes_allocated = 1000 * kMebi;
    reuse.present = {100 * kMebi, 99 * kMebi};
    reuse.slab = {100 * kMebi, 99 * kMebi};
    for (std::uint32_t i = 0; i < 3; ++i) {
      places[i].function = std::string(1, static_cast<char>('a' + i));
      sites.sites.push_back({&places[i], {}, {i}});
      sites.site_of_stack.push_back(i);
    }
  }

  [[nodiscard]] std::vector<Advice> find() const {
    return analysis::find_advice(profile, sites, limits, growth, reuse);
  }
  [[nodiscard]] std::vector<AdviceKind> kinds() const {
    std::vector<AdviceKind> result;
    for (const Advice& advice : find()) result.push_back(advice.kind);
    return result;
  }
};

analysis::GrowthSite ladder(std::uint64_t copied) {
  analysis::GrowthSite growth;
  growth.site = 1;
  growth.steps = 10;
  growth.ladders = 5;
  growth.bytes_copied = copied;
  growth.rule = analysis::GrowthRule::Fixed;
  return growth;
}

analysis::ReuseResult pool(std::uint32_t site, std::uint64_t calls) {
  analysis::ReuseResult result;
  result.choice.kind = ReuseKind::Pool;
  result.choice.sites = {site};
  result.choice.block_bytes = 104;
  result.calls_now = calls;
  result.held = {100 * kMebi, 99 * kMebi};
  return result;
}

using Kinds = std::vector<AdviceKind>;

}  // namespace

TEST_CASE("nothing is said of what gains nothing") {
  CHECK(Findings().find().empty());
}

TEST_CASE("leaks from one per cent of the peak on") {
  Findings run;
  run.sites.sites[2].use.live_bytes = kMebi - 1;
  CHECK(run.find().empty());
  run.sites.sites[2].use.live_bytes = kMebi;
  run.sites.sites[2].use.live_blocks = 7;
  const std::vector<Advice> found = run.find();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == AdviceKind::Leak);
  CHECK(found[0].sites == std::vector<std::uint32_t>{2});
  CHECK(found[0].blocks == 7);
  CHECK(found[0].gain_bytes == kMebi);
  CHECK(found[0].weight == Approx(0.01));
  // Of one that was killed nobody knows.
  run.profile.header.end_kind =
      static_cast<std::uint32_t>(trace::EndKind::Unknown);
  CHECK(run.find().empty());
}

TEST_CASE("growth that copies half a per cent of all, not by a factor") {
  Findings run;
  run.growth = {ladder(5 * kMebi - 1)};
  CHECK(run.find().empty());
  run.growth = {ladder(5 * kMebi)};
  CHECK(run.kinds() == Kinds{AdviceKind::Growth});
  CHECK(run.find()[0].growth->ladders == 5);
  run.growth[0].rule = analysis::GrowthRule::Geometric;
  CHECK(run.find().empty());
}

TEST_CASE("pools from five per cent of the calls on, one for a site") {
  Findings run;
  run.reuse.results = {pool(0, 9999)};
  CHECK(run.find().empty());
  run.reuse.results = {pool(0, 40000), pool(1, 30000), pool(0, 20000)};
  const std::vector<Advice> found = run.find();
  REQUIRE(found.size() == 2);
  CHECK(found[0].sites == std::vector<std::uint32_t>{0});
  CHECK(found[0].gain_calls == 40000);
  CHECK(found[0].weight == Approx(0.1));
  CHECK(found[1].sites == std::vector<std::uint32_t>{1});
  // Not when it would hold much more.
  run.reuse.results = {pool(0, 40000)};
  run.reuse.results[0].held.bytes = 105 * kMebi;
  REQUIRE(run.find().size() == 1);
  CHECK(run.find()[0].cost_bytes == 5 * kMebi);
  CHECK(run.find()[0].weight == Approx(0.05));
  run.reuse.results[0].held.bytes = 126 * kMebi;
  CHECK(run.find().empty());
}

TEST_CASE("temporary blocks, where nothing better is known") {
  Findings run;
  run.sites.sites[0].use.temporary = 4999;
  CHECK(run.find().empty());
  run.sites.sites[0].use.temporary = 5000;
  CHECK(run.kinds() == Kinds{AdviceKind::Temporary});
  run.reuse.results = {pool(0, 40000)};
  CHECK(run.kinds() == Kinds{AdviceKind::Pool});
}

TEST_CASE("limits that are near, holders, and holes") {
  Findings run;
  analysis::LimitUse limit;
  limit.limit = 1000;
  limit.most = 799;
  limit.is_counted = true;
  run.limits = {limit};
  run.sites.sites[1].use.peak_bytes = 25 * kMebi - 1;
  run.reuse.present = {100 * kMebi, 75 * kMebi + 1};
  CHECK(run.find().empty());
  run.limits[0].most = 800;
  run.sites.sites[1].use.peak_bytes = 25 * kMebi;
  run.reuse.present = {100 * kMebi, 74 * kMebi};
  run.reuse.slab = {90 * kMebi, 74 * kMebi};
  const std::vector<Advice> found = run.find();
  CHECK(run.kinds() == Kinds{AdviceKind::Limit, AdviceKind::Fragmentation,
                             AdviceKind::PeakHolder});
  CHECK(found[1].gain_bytes == 10 * kMebi);
}

TEST_CASE("blocks that outlive their scope and are released later") {
  Findings run;
  run.profile.scopes.rules.push_back({});
  run.profile.scopes.rules[0].name = "forest";
  run.profile.scopes.scopes.resize(3);
  run.profile.scopes.escapes.push_back({0, 2, 30, 20 * kMebi, 0, 0});
  run.sites.sites[2].use.peak_bytes = 5 * kMebi - 1;
  CHECK(run.find().empty());
  run.sites.sites[2].use.peak_bytes = 5 * kMebi;
  const std::vector<Advice> found = run.find();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == AdviceKind::Escape);
  CHECK(found[0].scope == "forest");
  CHECK(found[0].scopes == 3);
  CHECK(found[0].gain_bytes == 5 * kMebi);
}
