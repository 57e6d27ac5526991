// SPDX-License-Identifier: Apache-2.0
//
// Verdicts with names that would break a format that takes them as they are.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <string>

#include "gate/outputs.h"
#include "gate/wording.h"

using namespace sagemem;
using gate::Outcome;

namespace {

using Json = nlohmann::json;

const std::string kHostile =
    "</script> & \"q\" 'a' | ``` ::error::x\n\x1b[2J\xff %0A,:<b>"
    "\xef\xbf\xbe\xef\xbf\xbf";

struct Case {
  Case() {
    rules.resize(4);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      rules[i].name = kHostile + std::to_string(i);
      rules[i].hint = kHostile;
      rules[i].place = {"sagemem.toml", static_cast<std::uint32_t>(i + 1), 1};
    }
    rules[1].severity = gate::Severity::Warning;
    gate::Finding finding;
    finding.text = finding.subject = kHostile;
    finding.expected = "at most 1";
    finding.got = "2";
    finding.value = 2;
    finding.bound = gate::Band::at(1);
    finding.sites.push_back({.function = kHostile,
                             .file = "../src/" + kHostile,
                             .line = 7,
                             .module = kHostile,
                             .source = kHostile,
                             .bytes = 5,
                             .blocks = 1});
    finding.scope_name = kHostile;
    finding.scopes.push_back({-3, 1.5});
    gate::Verdict verdict;
    verdict.trace = verdict.command = verdict.end = kHostile;
    verdict.gaps = {kHostile};
    verdict.rules = {{&rules[0], Outcome::Broken, "", {finding}},
                     {&rules[1], Outcome::Broken, "", {finding}},
                     {&rules[2], Outcome::Undecided, kHostile, {}},
                     {&rules[3], Outcome::Skipped, kHostile, {}}};
    verdict.changes.push_back(
        {kHostile, gate::Unit::Bytes, gate::Band::at(100), 112.0});
    verdicts.push_back(verdict);
    gate::Verdict unreadable;
    unreadable.trace = unreadable.error = kHostile;
    verdicts.push_back(unreadable);
  }

  std::vector<gate::Rule> rules;
  gate::Verdicts verdicts;
  gate::SourcePaths paths{""};
};

bool is_harmless(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\n') || c == '\x7f';
  });
}

}  // namespace

TEST_CASE("hostile names in a text") {
  const Case one;
  report::Page page({.width = 80, .color = false, .utf8 = false});
  gate::print_verdicts(page, one.verdicts);
  CHECK(is_harmless(page.text()));
  CHECK(page.text().find("BROKEN") != std::string::npos);
  CHECK(page.text().find("exit code 1") != std::string::npos);
}

TEST_CASE("hostile names in JSON and SARIF") {
  Case one;
  const Json json = Json::parse(gate::to_json(one.verdicts));
  CHECK(json["exit_code"] == 1);
  CHECK(json["traces"][0]["rules"].size() == 4);
  CHECK(json["traces"][0]["rules"][0]["findings"][0]["value"] == 2);
  const Json sarif = Json::parse(gate::to_sarif(one.verdicts, one.paths));
  CHECK(sarif["runs"][0]["results"].size() == 3);
  const std::string uri = sarif["runs"][0]["results"][0]["relatedLocations"][0]
                               ["physicalLocation"]["artifactLocation"]["uri"];
  CHECK(std::all_of(uri.begin(), uri.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '<' && c != '"' && c != '|';
  }));
  CHECK(sarif["runs"][0]["invocations"][0]["executionSuccessful"] == false);
}

TEST_CASE("hostile names in XML") {
  const Case one;
  const std::string text = gate::to_junit(one.verdicts);
  CHECK(is_harmless(text));
  CHECK(text.find("\xef\xbf\xbe") == std::string::npos);
  CHECK(text.find("\xef\xbf\xbf") == std::string::npos);
  pugi::xml_document document;
  REQUIRE(document.load_string(text.c_str()));
  const pugi::xml_node suites = document.child("testsuites");
  CHECK(suites.attribute("tests").as_int() == 5);
  CHECK(suites.attribute("failures").as_int() == 1);
  CHECK(suites.attribute("errors").as_int() == 2);
  CHECK(suites.attribute("skipped").as_int() == 1);
  CHECK(suites.first_child().select_nodes("testcase").size() == 4);
  CHECK(suites.first_child().select_nodes("testcase/failure").size() == 1);
}

TEST_CASE("hostile names for those who host repositories") {
  Case one;
  const std::string github = gate::to_github(one.verdicts, one.paths);
  CHECK(is_harmless(github));
  // Each annotation is one line, and nothing in it begins another.
  CHECK(std::count(github.begin(), github.end(), '\n') == 4);
  std::size_t begin = 0;
  while (begin < github.size()) {
    CHECK(github.compare(begin, 2, "::") == 0);
    begin = github.find('\n', begin) + 1;
  }
  const Json gitlab = Json::parse(gate::to_gitlab(one.verdicts, one.paths));
  CHECK(gitlab.size() == 4);
  CHECK(gitlab[0]["fingerprint"] != gitlab[1]["fingerprint"]);
  CHECK(gitlab[0]["severity"] == "major");
  CHECK(gitlab[1]["severity"] == "minor");
  const std::string text = gate::to_gitlab(one.verdicts, one.paths);
  CHECK(text == nlohmann::ordered_json::parse(text).dump(2) + "\n");
}

TEST_CASE("hostile names in Markdown") {
  const Case one;
  const std::string text = gate::to_markdown(one.verdicts);
  CHECK(is_harmless(text));
  CHECK(text.find("<b>") > text.find("```"));
  CHECK(text.find("````text") != std::string::npos);
  CHECK(text.find("| 100 B | 112 B | +12.0 % |") != std::string::npos);
}

TEST_CASE("what has no place in the repository has one in the rules") {
  Case one;
  one.rules[0].place = {};
  one.rules[1].place.file = "/etc/gate/rules.toml";
  for (gate::RuleVerdict& rule : one.verdicts[0].rules) {
    for (gate::Finding& finding : rule.findings)
      finding.sites[0].file = "/usr/include/none.h";
  }
  const std::string github = gate::to_github(one.verdicts, one.paths);
  CHECK(github.starts_with("::error file=sagemem.toml,line=1,"));
  CHECK(github.find("file=rules.toml,line=2,") != std::string::npos);
  const Json sarif = Json::parse(gate::to_sarif(one.verdicts, one.paths));
  CHECK(sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
             ["artifactLocation"]["uri"] == "sagemem.toml");
  for (const Json& entry :
       Json::parse(gate::to_gitlab(one.verdicts, one.paths))) {
    const std::string path = entry["location"]["path"];
    CHECK_FALSE(path.empty());
    CHECK(path[0] != '/');
    CHECK(entry["location"]["lines"]["begin"] >= 1);
  }
}

TEST_CASE("an incomplete recording is told where no rule tells it") {
  Case one;
  one.verdicts.pop_back();
  one.rules.erase(one.rules.begin() + 1, one.rules.end());
  one.verdicts[0].rules = {{&one.rules[0], Outcome::Skipped, "so", {}}};
  CHECK(gate::exit_code(one.verdicts) == 3);
  pugi::xml_document document;
  REQUIRE(document.load_string(gate::to_junit(one.verdicts).c_str()));
  CHECK(document.child("testsuites").attribute("errors").as_int() == 1);
  const Json sarif = Json::parse(gate::to_sarif(one.verdicts, one.paths));
  CHECK(sarif["runs"][0]["invocations"][0]["executionSuccessful"] == false);
  CHECK(gate::to_github(one.verdicts, one.paths).starts_with("::error "));
  CHECK(Json::parse(gate::to_gitlab(one.verdicts, one.paths)).size() == 1);
  CHECK(gate::sum_text(one.verdicts).find("1 incomplete recording") !=
        std::string::npos);
  one.verdicts[0].is_end_wanted = true;
  CHECK(gate::exit_code(one.verdicts) == 0);
}

TEST_CASE("what varies is masked on either side of a comparison") {
  Case one;
  gate::Finding& finding = one.verdicts[0].rules[0].findings[0];
  finding.is_bound_of_run = true;
  finding.sites.clear();
  gate::Finding& other = one.verdicts[0].rules[1].findings[0];
  other.sites[0].file = "/builds/7/none.c";
  other.sites[0].module = "/builds/7/sage";
  one.verdicts[0].command = "/builds/7/sage small.par /tmp/x/y";
  one.verdicts[1].error = "/tmp/x: no such file";
  for (gate::Verdict& verdict : one.verdicts)
    gate::mask_run(verdict, one.paths);
  const Json json = Json::parse(gate::to_json(one.verdicts));
  const Json& masked = json["traces"][0]["rules"][0]["findings"][0];
  CHECK(masked["bound"].is_null());
  CHECK(masked["value"] == 2);
  CHECK(masked["expected"] == "not shown, changes from run to run");
  const Json& site = json["traces"][0]["rules"][1]["findings"][0]["sites"][0];
  CHECK(site["module"] == "sage");
  CHECK(json["traces"][0]["command"] == "sage small.par y");
  CHECK(json["traces"][1]["error"] == "it can not be read");
}

TEST_CASE("paths are those of the repository") {
  namespace fs = std::filesystem;
  const fs::path root = fs::temp_directory_path() / "sagemem-gate-paths";
  fs::create_directories(root / "src");
  std::ofstream(root / "src/load.c") << "\n";
  gate::SourcePaths paths(root.string());
  CHECK(paths.relative("../src/load.c") == "src/load.c");
  CHECK(paths.relative("/builds/7/sage/src/load.c") == "src/load.c");
  CHECK(paths.relative("src/load.c") == "src/load.c");
  CHECK(paths.relative("../../lib/none.c") == "lib/none.c");
  CHECK(paths.relative("/usr/include/none.h") == "/usr/include/none.h");
  fs::remove_all(root);
}
