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
    "</script> & \"q\" 'a' | ``` ::error::x\n\x1b[2J\xff %0A,:<b>";

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
  const std::string uri = sarif["runs"][0]["results"][0]["locations"][0]
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
  CHECK(gate::to_gitlab(one.verdicts, one.paths) == gitlab.dump(2) + "\n");
}

TEST_CASE("hostile names in Markdown") {
  const Case one;
  const std::string text = gate::to_markdown(one.verdicts);
  CHECK(is_harmless(text));
  CHECK(text.find("<b>") > text.find("```"));
  CHECK(text.find("````text") != std::string::npos);
  CHECK(text.find("| 100 B | 112 B | +12.0 % |") != std::string::npos);
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
