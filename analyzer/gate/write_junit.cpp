// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <pugixml.hpp>
#include <sstream>

#include "gate/outputs.h"
#include "gate/wording.h"
#include "report/text.h"

namespace sagemem::gate {
namespace {

// XML 1.0 has no way to write these two, which UTF-8 has.
void replace_noncharacters(std::string& text) {
  for (const char* const one : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
    for (std::size_t at = text.find(one); at != std::string::npos;
         at = text.find(one, at))
      text.replace(at, 3, "\xef\xbf\xbd");
  }
}

// Nor control characters, nor any other text than UTF-8.
std::string xml_text(const std::string& text) {
  std::string result;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) result += '\n';
    result += report::printable(
        std::string_view(text).substr(begin, end - begin), true);
    begin = end + 1;
  }
  replace_noncharacters(result);
  return result;
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
  node.append_attribute(name).set_value(xml_text(value).c_str());
}

void add_problem(pugi::xml_node test, const char* kind,
                 const RuleVerdict& verdict) {
  pugi::xml_node problem = test.append_child(kind);
  set(problem, "message", message_of(verdict));
  set(problem, "type", severity_key(verdict.rule->severity));
  problem.text().set(xml_text(details_text(verdict)).c_str());
}

// A warning that is broken passes, with what there is to say as its output.
void add_case(pugi::xml_node suite, const RuleVerdict& verdict) {
  pugi::xml_node test = suite.append_child("testcase");
  set(test, "classname",
      std::string("sagemem.") + suite.attribute("name").as_string());
  set(test, "name", verdict.rule->name);
  set(test, "file", verdict.rule->place.file);
  set(test, "time", "0");
  switch (verdict.outcome) {
    case Outcome::Skipped: {
      pugi::xml_node skipped = test.append_child("skipped");
      set(skipped, "message", verdict.why);
      return;
    }
    case Outcome::Undecided:
      return add_problem(test, "error", verdict);
    case Outcome::Broken:
      if (verdict.rule->severity == Severity::Error)
        return add_problem(test, "failure", verdict);
      break;
    case Outcome::Holds:
      break;
  }
  test.append_child("system-out")
      .text()
      .set(xml_text(details_text(verdict)).c_str());
}

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
};

Counts counts_of(const Verdict& verdict) {
  const auto both = [&verdict](Outcome outcome) {
    return verdict.count(outcome, Severity::Error) +
           verdict.count(outcome, Severity::Warning);
  };
  const std::size_t problems = verdict.problem().empty() ? 0 : 1;
  return {verdict.rules.size() + problems,
          verdict.count(Outcome::Broken, Severity::Error),
          both(Outcome::Undecided) + problems, both(Outcome::Skipped)};
}

void set_counts(pugi::xml_node node, const Counts& counts) {
  set(node, "tests", fmt::format("{}", counts.tests));
  set(node, "failures", fmt::format("{}", counts.failures));
  set(node, "errors", fmt::format("{}", counts.errors));
  set(node, "skipped", fmt::format("{}", counts.skipped));
}

void add_suite(pugi::xml_node suites, const Verdict& verdict,
               std::size_t number) {
  pugi::xml_node suite = suites.append_child("testsuite");
  set(suite, "name",
      verdict.trace.empty() ? fmt::format("trace {}", number) : verdict.trace);
  set_counts(suite, counts_of(verdict));
  set(suite, "time", "0");
  if (const std::string problem = verdict.problem(); !problem.empty()) {
    pugi::xml_node test = suite.append_child("testcase");
    set(test, "classname", "sagemem");
    set(test, "name",
        verdict.error.empty() ? "the recording is complete"
                              : "the trace can be read");
    set(test, "time", "0");
    set(test.append_child("error"), "message", problem);
  }
  for (const RuleVerdict& one : verdict.rules) add_case(suite, one);
}

}  // namespace

std::string to_junit(const Verdicts& verdicts) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node suites = document.append_child("testsuites");
  set(suites, "name", "sagemem");
  Counts sum;
  for (const Verdict& one : verdicts) {
    const Counts counts = counts_of(one);
    sum.tests += counts.tests;
    sum.failures += counts.failures;
    sum.errors += counts.errors;
    sum.skipped += counts.skipped;
  }
  set_counts(suites, sum);
  std::size_t number = 0;
  for (const Verdict& one : verdicts) add_suite(suites, one, ++number);
  std::ostringstream out;
  document.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
  return out.str();
}

}  // namespace sagemem::gate
