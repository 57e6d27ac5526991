// SPDX-License-Identifier: Apache-2.0
//
// Files of rules: what is in them, and where their mistakes are.
#include <catch2/catch.hpp>
#include <string>

#include "gate/rules_file.h"
#include "rules/parse_rules.h"

using namespace sagemem;

namespace {

std::string problem(const std::string& text) {
  try {
    static_cast<void>(gate::parse_rule_set(text, "r.toml"));
  } catch (const rules::RuleError& error) {
    return error.what();
  }
  return "";
}

bool tells(const std::string& text, const std::string& what) {
  const std::string told = problem(text);
  if (told.find(what) != std::string::npos) return true;
  WARN(told);
  return false;
}

}  // namespace

TEST_CASE("a file of rules") {
  const gate::RuleSet set = gate::parse_rule_set(R"(
baseline = "b.toml"
profile = "sage-model"
wrappers = ["my_*", "x"]

[[rule]]
name = "one"
check = 'leaked.blocks == 0'

[[rule]]
name = "two"
check = ["peak.bytes < 1 MiB", 'max(scope("forest").peak) < 1 KiB']
when = "exit.code == 0"
severity = "warning"
hint = "free it"
)",
                                                 "r.toml");
  CHECK(set.baseline == "b.toml");
  CHECK(set.profile == "sage-model");
  CHECK(set.wrappers.size() == 2);
  REQUIRE(set.rules.size() == 2);
  CHECK(set.rules[0].severity == gate::Severity::Error);
  CHECK(set.rules[0].place.line == 6);
  CHECK(set.rules[1].severity == gate::Severity::Warning);
  CHECK(set.rules[1].checks.size() == 2);
  CHECK(set.rules[1].when.size() == 1);
  CHECK(set.rules[1].hint == "free it");
  CHECK(gate::uses_of(set).size() == 4);
}

TEST_CASE("mistakes in the file") {
  CHECK(tells("", "r.toml:1:1: no rule"));
  CHECK(tells("rule = 5", "r.toml:1:8: write [[rule]]"));
  CHECK(tells("[[rule]]\nname = 'a'\n", "r.toml:1:1: 'check' is missing"));
  CHECK(tells("[[rule]]\ncheck = '1 == 1'\n", "r.toml:1:1: 'name' is missing"));
  CHECK(tells("[[rule]]\nname = 'a'\ncheck = '1 == 1'\nchekc = 1\n",
              "r.toml:4:1: 'chekc' is not known here"));
  CHECK(tells("[[rule]]\nname = 'a'\ncheck = '1 == 1'\nseverity = 'bad'\n",
              "r.toml:4:12: 'severity' is"));
  CHECK(tells("[[rule]]\nname = 'a'\ncheck = 5\n",
              "r.toml:3:9: 'check' has to be a text"));
  CHECK(
      tells("[[rule]]\nname = 'a'\ncheck = '1 == 1'\n"
            "[[rule]]\nname = 'a'\ncheck = '1 == 1'\n",
            "r.toml:5:8: two rules of one name"));
  CHECK(tells("[[rule]\n", "r.toml:1:"));
}

TEST_CASE("a file has no more checks than a person reads") {
  const auto with = [](std::size_t count, std::size_t rules) {
    std::string text;
    for (std::size_t i = 0; i < rules; ++i) {
      text += "[[rule]]\nname = '" + std::to_string(i) + "'\ncheck = [";
      for (std::size_t k = 0; k < count; ++k) text += "'1==1',";
      text += "]\n";
    }
    return text;
  };
  CHECK(problem(with(2000, 1)).empty());
  CHECK(problem(with(500, 4)).empty());
  CHECK(tells(with(2001, 1), "r.toml:3:9: more than 2000 checks"));
  CHECK(tells(with(501, 4), "r.toml:12:9: more than 2000 checks"));
  // What all checks have of the file is one copy.
  const gate::RuleSet set = gate::parse_rule_set(with(2, 2), "r.toml");
  CHECK(set.rules[0].checks[0].text == set.rules[1].checks[1].text);
}

TEST_CASE("a mistake inside a rule is where it stands in the file") {
  const auto at = [](const std::string& quoted) {
    const std::string told =
        problem("[[rule]]\nname = 'a'\ncheck = " + quoted + "\n");
    return told.substr(0, told.find(": "));
  };
  CHECK(at("'1 == $'") == "r.toml:3:15");
  CHECK(at("\"1 == $\"") == "r.toml:3:15");
  // Two characters of the file are one of the rule.
  CHECK(at(R"("site(\"x\").leaked == $")") == "r.toml:3:32");
  CHECK(at(R"("site(\"\u00e9\").leaked == $")") == "r.toml:3:37");
  CHECK(at("\"site('\xc3\xa9').leaked == $\"") == "r.toml:3:30");
  CHECK(at("'''1 == $'''") == "r.toml:3:17");
  CHECK(at("'''\n1 ==\n  $'''") == "r.toml:5:3");
  CHECK(at("\"\"\"\n1 == \\\n   $\"\"\"") == "r.toml:5:4");
  CHECK(at("'''\r\n1 ==\r\n  $'''") == "r.toml:5:3");
  CHECK(at("'''\r\n\r\n\r\n1 ==\r\n  $'''") == "r.toml:7:3");
  CHECK(at("\"\"\"\r\n1 == \\\r\n   $\"\"\"") == "r.toml:5:4");
  CHECK(at("['1 == 1', '1 == $']") == "r.toml:3:26");
  CHECK(at("[\n  '1 == 1',\n  '1 == $',\n]") == "r.toml:5:9");
}

TEST_CASE("a rule of the command line") {
  CHECK(gate::parse_check("leaked.blocks == 0", 1).name ==
        "leaked.blocks == 0");
  try {
    static_cast<void>(gate::parse_check("1 ==\n", 2));
    FAIL("it was taken");
  } catch (const rules::RuleError& error) {
    CHECK(std::string(error.what()).starts_with("--check 2:1:6: "));
  }
}

TEST_CASE("what is asked of a baseline has to be there") {
  gate::RuleSet set;
  set.rules.push_back(
      gate::parse_check("peak.bytes <= baseline.peak.bytes", 1));
  const auto told = [&set](const gate::Baseline* baseline) {
    try {
      gate::check_baseline(set, baseline, "b.toml");
    } catch (const rules::RuleError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(told(nullptr) == "--check:1:15: there is no baseline to compare with");
  gate::Baseline baseline;
  CHECK(
      told(&baseline).starts_with("--check:1:15: b.toml has no 'peak.bytes'"));
  baseline.figures["peak.bytes"] = gate::Band::at(1);
  CHECK(told(&baseline).empty());
}
