// SPDX-License-Identifier: Apache-2.0
#include "rules/parse_rules.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <utility>

#include "rules/fields.h"
#include "rules/rule_text.h"
#include "sagemem/trace/format.h"

namespace sagemem::rules {
namespace {

// Beyond what anyone writes by hand; keeps what is made of patterns small.
constexpr std::size_t kMaxPatterns = 4096;

class RuleParser {
 public:
  explicit RuleParser(const Fields& file) : file_(file) {}

  ProgramRules parse() {
    file_.allow_only({"name", "base", "rest", "requires", "scope", "note",
                      "label", "category", "limit"});
    rules_.name = file_.text("name");
    if (file_.has("base")) rules_.base = file_.text("base");
    if (file_.has("rest")) rules_.rest = file_.text("rest");
    rules_.required = file_.texts("requires");
    for (const Fields& one : file_.tables("scope")) add_scope(one);
    for (const Fields& one : file_.tables("note")) add_note(one);
    for (const Fields& one : file_.tables("label")) add_label(one);
    for (const Fields& one : file_.tables("category")) add_category(one);
    for (const Fields& one : file_.tables("limit")) add_limit(one);
    return std::move(rules_);
  }

 private:
  void add_scope(const Fields& scope) {
    scope.allow_only({"name", "function", "begin", "end", "each", "capture",
                      "process_wide"});
    const int ways = (scope.has("function") ? 1 : 0) +
                     (scope.has("begin") ? 1 : 0) + (scope.has("each") ? 1 : 0);
    if (ways != 1 || scope.has("begin") != scope.has("end")) {
      scope.fail("a scope has a function, or a begin and an end, or an each");
    }
    std::vector<std::string> captures;
    for (const auto& [name, source] : scope.named("capture")) {
      // First what tells one scope from the next: a fork child knows no more.
      const auto place =
          name == trace::kScopeNumber ? captures.begin() : captures.end();
      captures.insert(place, fmt::format("{}={}", symbol(scope, name),
                                         source_of(scope, source)));
    }
    std::string rule = "scope " + symbol_at(scope, "name");
    rule += " = " + functions_of(scope);
    if (!captures.empty()) {
      rule += fmt::format(" ({})", fmt::join(captures, ", "));
    }
    if (scope.flag("process_wide")) rule += " process";
    rules_.recorder.push_back(std::move(rule));
  }

  std::string functions_of(const Fields& scope) {
    if (scope.has("function")) return symbol_at(scope, "function");
    if (scope.has("begin")) {
      return fmt::format("{} .. {}", symbol_at(scope, "begin"),
                         symbol_at(scope, "end"));
    }
    const std::string functions = listed(scope, "each");
    if (!scope.has("capture")) scope.fail("an each needs a number to capture");
    return "each " + functions;
  }

  // Separated by commas.
  std::string listed(const Fields& fields, const char* key) {
    std::string functions;
    for (const std::string& function : fields.texts(key)) {
      functions += (functions.empty() ? "" : ", ") + symbol(fields, function);
    }
    if (functions.empty()) fields.fail(fmt::format("'{}' is missing", key));
    return functions;
  }

  void add_note(const Fields& note) {
    note.allow_only({"name", "function", "read"});
    rules_.recorder.push_back(fmt::format(
        "note {} = {} ({})", symbol_at(note, "name"),
        symbol_at(note, "function"), source_of(note, note.text("read"))));
  }

  void add_label(const Fields& label) {
    label.allow_only({"name", "functions", "read", "values"});
    const std::string functions = listed(label, "functions");
    rules_.recorder.push_back(
        fmt::format("label {} = {} ({})", symbol_at(label, "name"), functions,
                    source_of(label, label.text("read"))));
    LabelRule rule;
    rule.name = label.text("name");
    for (const auto& [key, name] : label.named("values")) {
      std::int64_t value = 0;
      const char* const end = key.data() + key.size();
      const auto read = std::from_chars(key.data(), end, value);
      if (read.ec != std::errc() || read.ptr != end) {
        label.fail(fmt::format("'{}' is no number", key));
      }
      rule.values[value] = name;
    }
    rules_.labels.push_back(std::move(rule));
  }

  void add_category(const Fields& category) {
    category.allow_only({"name", "function", "file", "module", "line", "call",
                         "within", "stack"});
    CategoryRule rule;
    rule.name = category.text("name");
    rule.functions = patterns(category, "function");
    rule.files = patterns(category, "file");
    rule.modules = patterns(category, "module");
    for (const std::string& line : patterns(category, "line")) {
      rule.lines.push_back(without_blanks(line));
    }
    rule.within = patterns(category, "within");
    for (const std::string& stack : patterns(category, "stack")) {
      auto frames = split_stack(stack);
      if (frames.empty()) {
        category.fail(fmt::format("'{}' is no call stack", stack));
      }
      count_patterns(category, frames.size());
      rule.stacks.push_back(std::move(frames));
    }
    rule.call =
        static_cast<std::uint32_t>(category.count("call", kMaxPatterns));
    if (rule.call != 0 && rule.functions.empty()) {
      category.fail("'call' counts in a 'function', which is missing");
    }
    if (rule.functions.empty() && rule.files.empty() && rule.modules.empty() &&
        rule.lines.empty() && rule.within.empty() && rule.stacks.empty()) {
      category.fail("a category without a condition");
    }
    rules_.categories.push_back(std::move(rule));
  }

  void add_limit(const Fields& limit) {
    limit.allow_only({"name", "functions", "blocks", "bytes"});
    LimitRule rule;
    rule.name = limit.text("name");
    rule.functions = patterns(limit, "functions");
    if (rule.functions.empty()) limit.fail("'functions' is missing");
    rule.blocks =
        limit.count("blocks", std::numeric_limits<std::int64_t>::max());
    rule.bytes = limit.bytes("bytes");
    if ((rule.blocks == 0) == (rule.bytes == 0)) {
      limit.fail("a limit is one of 'blocks' and 'bytes'");
    }
    rules_.limits.push_back(std::move(rule));
  }

  // Names become part of a text that has a grammar of its own.
  static const std::string& symbol(const Fields& fields,
                                   const std::string& name) {
    if (!is_symbol(name)) {
      fields.fail(fmt::format("'{}' is no name of a symbol", name));
    }
    return name;
  }
  static std::string symbol_at(const Fields& fields, std::string_view key) {
    return symbol(fields, fields.text(key));
  }
  static const std::string& source_of(const Fields& fields,
                                      const std::string& source) {
    if (!is_capture_source(source)) {
      fields.fail(fmt::format("'{}' is nothing that can be read", source));
    }
    return source;
  }

  std::vector<std::string> patterns(const Fields& fields,
                                    std::string_view key) {
    auto result = fields.texts(key);
    count_patterns(fields, result.size());
    return result;
  }

  void count_patterns(const Fields& fields, std::size_t count) {
    patterns_ += count;
    if (patterns_ > kMaxPatterns) {
      fields.fail(fmt::format("more than {} patterns", kMaxPatterns));
    }
  }

  const Fields& file_;
  ProgramRules rules_;
  std::size_t patterns_ = 0;
};

}  // namespace

ProgramRules parse_rules(std::string_view text, const std::string& source) {
  const toml::table table = parse_toml(text, source);
  const Fields file(table, source);
  return RuleParser(file).parse();
}

}  // namespace sagemem::rules
