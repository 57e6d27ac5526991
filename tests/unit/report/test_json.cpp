// SPDX-License-Identifier: Apache-2.0
//
// Goldens hold what the documents look like; this is about what must not
// happen to them.
#include <catch2/catch.hpp>
#include <string>

#include "report/json.h"

using namespace sagemem;

namespace {

report::Json parse(const std::string& text) {
  return report::Json::parse(text);
}

}  // namespace

TEST_CASE("names that are not UTF-8 do not break a document") {
  model::Profile profile;
  profile.uses.resize(1);
  profile.info = {{trace::kInfoCommand, std::string("a\xff\0b\xc3", 5)},
                  {trace::kInfoHost, "\x80host"}};
  profile.threads.push_back({.tid = 1, .name = "\xfe\xff"});
  symbolize::Symbolizer symbols(profile.modules);
  symbols.learn({}, {{.function = "f\xe2\x28", .module = "m"}});
  const model::StackId stack = profile.stacks.push(model::kRootStack, {});
  profile.uses.resize(profile.stacks.size());
  profile.uses[stack].allocations = 1;
  const analysis::WrapperList wrappers;
  const auto sites = analysis::find_sites(profile, symbols, wrappers);
  symbolize::SourceText sources(0);
  const auto breakdown =
      analysis::find_breakdown(profile, symbols, sources, sites, {});
  const report::Subject subject{.trace = "\xf0\x9f",
                                .profile = profile,
                                .symbols = symbols,
                                .sites = sites,
                                .sources = sources,
                                .breakdown = breakdown};
  const report::Json json =
      parse(report::to_text(report::summary_json(subject)));
  CHECK(json["process"]["command"].size() == 2);
  CHECK(json["sites"].size() == 1);
  CHECK(json["sites"][0]["function"].get<std::string>().starts_with("f"));
  CHECK(parse(report::to_text(report::info_json(subject)))["threads"].size() ==
        1);
}

TEST_CASE("an empty profile makes complete documents") {
  model::Profile profile;
  profile.uses.resize(1);
  symbolize::Symbolizer symbols(profile.modules);
  const analysis::SiteTable sites;
  symbolize::SourceText sources(0);
  const auto breakdown =
      analysis::find_breakdown(profile, symbols, sources, sites, {});
  const report::Subject subject{.trace = "t",
                                .profile = profile,
                                .symbols = symbols,
                                .sites = sites,
                                .sources = sources,
                                .breakdown = breakdown};
  const report::Json json = report::summary_json(subject);
  CHECK(json["exact"] == true);
  CHECK(json["sites"].empty());
  CHECK(json["sites"].is_array());
  CHECK(json["peak"]["resident_bytes"].is_null());
  CHECK(json["mapped"].is_null());
  for (const auto& one :
       {report::peak_json(subject), report::leaks_json(subject),
        report::sites_json(subject)})
    CHECK(one["sites"].is_array());
  const report::Json categories = report::categories_json(subject);
  CHECK(categories["limits"].empty());
  REQUIRE(categories["categories"].size() == 1);
  CHECK(categories["categories"][0]["name"] == "Unknown");
  CHECK(categories["categories"][0]["own_peak_bytes"].is_null());
}
