// SPDX-License-Identifier: Apache-2.0
//
// The fuzz target for what people write for the gate: the same bytes as a file
// of rules, as a baseline and as a rule.  Everything but a refusal that tells
// the place is a finding; so is a baseline that does not survive to be written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gate/baseline.h"
#include "gate/lexer.h"
#include "gate/parse_expression.h"
#include "gate/rules_file.h"
#include "rules/parse_rules.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace {

using namespace sagemem;

// "file:LINE:COLUMN: ", both from 1 on.
bool has_place(std::string_view message, std::string_view file) {
  if (!message.starts_with(file)) return false;
  message.remove_prefix(file.size());
  for (int i = 0; i < 2; ++i) {
    if (!message.starts_with(':')) return false;
    message.remove_prefix(1);
    const std::size_t digits = message.find_first_not_of("0123456789");
    if (digits == 0 || digits == message.npos || message[0] == '0')
      return false;
    message.remove_prefix(digits);
  }
  return message.starts_with(": ");
}

void want_place(const rules::RuleError& error, std::string_view file) {
  if (!has_place(error.what(), file)) std::abort();
}

void read_rules(std::string_view text) {
  try {
    const gate::RuleSet set = gate::parse_rule_set(text, "rules");
    gate::check_baseline(set, nullptr, "");
  } catch (const rules::RuleError& error) {
    want_place(error, "rules");
  }
}

void read_baseline(std::string_view text) {
  try {
    const gate::Baseline baseline = gate::parse_baseline(text, "baseline");
    const std::string written = gate::to_text(baseline);
    const gate::Baseline again = gate::parse_baseline(written, "again");
    if (gate::to_text(again) != written) std::abort();
    if (gate::to_text(gate::merge({again, again})).empty()) std::abort();
  } catch (const rules::RuleError& error) {
    want_place(error, "baseline");
  }
}

void read_rule(std::string_view text) {
  try {
    gate::each_figure(gate::parse_expression(text).root,
                      [](const gate::Node& node) {
                        const std::string key = node.use.key();
                        if (gate::parse_figure(key).key() != key) std::abort();
                      });
  } catch (const gate::ExpressionError& error) {
    if (error.offset() > text.size()) std::abort();
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_rules(text);
  read_baseline(text);
  read_rule(text);
  return 0;
}
