// SPDX-License-Identifier: Apache-2.0
#include "analysis/category_rules.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "rules/glob.h"
#include "rules/rule_text.h"
#include "symbolize/names.h"

namespace sagemem::analysis {
namespace {

bool matches_any(const std::vector<std::string>& patterns,
                 std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [text](const std::string& pattern) {
                       return rules::glob_matches(pattern, text);
                     });
}

// A pattern with a slash is the end of a path, one without the last part.
bool is_path_of(const std::string& pattern, const std::string& path) {
  if (pattern.find('/') == std::string::npos) {
    return rules::glob_matches(pattern, symbolize::base_name(path));
  }
  return rules::glob_matches(pattern, path) ||
         rules::glob_matches("*/" + pattern, path);
}

bool matches_path(const std::vector<std::string>& patterns,
                  const std::string& path) {
  if (patterns.empty()) return true;
  return !path.empty() && std::any_of(patterns.begin(), patterns.end(),
                                      [&path](const std::string& pattern) {
                                        return is_path_of(pattern, path);
                                      });
}

}  // namespace

const std::vector<std::uint32_t>& CategoryRules::candidates(
    const symbolize::Location* site) {
  const auto [known, is_new] = candidates_.try_emplace(site);
  if (is_new) {
    for (std::uint32_t i = 0; i < rules_.size(); ++i) {
      if (matches(rules_[i], *site)) known.value().push_back(i);
    }
  }
  return known->second;
}

bool CategoryRules::matches(const rules::CategoryRule& rule,
                            const symbolize::Location& site) {
  if (!rule.functions.empty()) {
    if (site.function.empty()) return false;
    const std::string name = symbolize::plain_name(site.function);
    if (!matches_any(rule.functions, name)) return false;
  }
  if (!matches_path(rule.files, site.file)) return false;
  if (!matches_path(rule.modules, site.module)) return false;
  if (rule.lines.empty()) return true;
  const std::string line =
      rules::without_blanks(sources_.line(site.file, site.line));
  return !line.empty() && matches_any(rule.lines, line);
}

}  // namespace sagemem::analysis
