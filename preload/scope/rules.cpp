// SPDX-License-Identifier: Apache-2.0
#include "scope/rules.h"

namespace sagemem {

namespace {

using trace::RuleUse;

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r';
}

bool ends_rule(char c) noexcept {
  return c == '\0' || c == ';' || c == '\n';
}

// Symbols may have dots and dollars in them; what C++ mangles has no others.
bool is_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$' || c == '-';
}

class Parser {
 public:
  explicit Parser(const char* text) noexcept : at_(text), expected_(nullptr) {}

  // False: expected() says what is not there.
  bool rule(Rule& out) noexcept {
    skip_blanks();
    if (!word(out.name)) return fail("a name");
    take_use(out);
    skip_blanks();
    if (!take('=')) return fail("'='");
    if (!functions(out)) return false;
    skip_blanks();
    if (take('(') &&
        !(out.use == RuleUse::Scope ? captures(out) : single_source(out))) {
      return false;
    }
    if ((out.use != RuleUse::Scope || out.is_each) && out.capture_count == 0) {
      return fail("'(' and what to read");
    }
    skip_blanks();
    Word last;
    if (out.use == RuleUse::Scope && word(last)) {
      out.is_process_wide = last.is("process");
      if (!out.is_process_wide) {
        at_ = last.data;
        return fail("'process'");
      }
      skip_blanks();
    }
    return ends_rule(*at_) || fail("the end of the rule");
  }

  [[nodiscard]] const char* at() const noexcept { return at_; }
  [[nodiscard]] const char* expected() const noexcept { return expected_; }

 private:
  bool fail(const char* expected) noexcept {
    expected_ = expected;
    return false;
  }
  void skip_blanks() noexcept {
    while (is_blank(*at_)) ++at_;
  }
  bool take(char c) noexcept {
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  bool word(Word& out) noexcept {
    out = {at_, 0};
    while (is_name(*at_) && !(at_[0] == '.' && at_[1] == '.')) ++at_;
    out.size = static_cast<std::uint32_t>(at_ - out.data);
    return out.size > 0;
  }

  // A word in front of the name, if what follows is not the '=' yet.
  void take_use(Rule& out) noexcept {
    skip_blanks();
    if (*at_ == '=') return;
    const Word first = out.name;
    if (first.is("label")) {
      out.use = RuleUse::Label;
    } else if (first.is("note")) {
      out.use = RuleUse::Note;
    } else if (!first.is("scope")) {
      return;
    }
    word(out.name);
  }

  // The word was none of a function: one follows.
  bool takes_each(Rule& out) const noexcept {
    if (out.use != RuleUse::Scope || out.is_each || !is_name(*at_) ||
        (at_[0] == '.' && at_[1] == '.') || out.function_count != 1 ||
        !out.functions[0].is("each")) {
      return false;
    }
    out.is_each = true;
    out.function_count = 0;
    return true;
  }

  bool functions(Rule& out) noexcept {
    for (;;) {
      skip_blanks();
      if (out.function_count == kMaxRuleFunctions) {
        return fail("fewer functions");
      }
      if (!word(out.functions[out.function_count++])) {
        return fail("a function");
      }
      skip_blanks();
      if (takes_each(out)) continue;
      if ((out.use == RuleUse::Label || out.is_each) && take(',')) continue;
      if (out.use != RuleUse::Scope || out.is_pair || out.is_each) return true;
      if (at_[0] != '.' || at_[1] != '.') return true;
      at_ += 2;
      out.is_pair = true;
    }
  }

  bool captures(Rule& out) noexcept {
    for (;;) {
      if (out.capture_count == trace::kMaxScopeValues) {
        return fail("fewer values");
      }
      Capture& capture = out.captures[out.capture_count++];
      skip_blanks();
      if (!word(capture.name)) return fail("a name");
      skip_blanks();
      if (!take('=')) return fail("'='");
      if (!source(capture.source)) return false;
      skip_blanks();
      if (take(')')) return true;
      if (!take(',')) return fail("',' or ')'");
    }
  }

  bool single_source(Rule& out) noexcept {
    Capture& capture = out.captures[out.capture_count++];
    capture.name = out.name;
    if (!source(capture.source)) return false;
    skip_blanks();
    return take(')') || fail("')'");
  }

  static bool argument(const Word& word, std::uint8_t& out) noexcept {
    if (word.size != 4 || std::memcmp(word.data, "arg", 3) != 0) return false;
    out = static_cast<std::uint8_t>(word.data[3] - '1');
    return out < 6;
  }

  // There are six.
  static bool is_like_argument(const Word& word) noexcept {
    return word.size == 4 && std::memcmp(word.data, "arg", 3) == 0 &&
           word.data[3] >= '0' && word.data[3] <= '9';
  }

  bool source(Source& out) noexcept {
    skip_blanks();
    const bool is_target = take('*');
    Word first;
    if (!word(first)) return fail("what to read");
    if (is_target) {
      out.kind = SourceKind::TargetElement;
    } else if (first.is("return")) {
      out.kind = SourceKind::Return;
      out.at_end = true;
    } else if (!argument(first, out.argument)) {
      out.kind = SourceKind::Global;
    }
    if (out.kind == SourceKind::Global || is_target) {
      out.symbol = first;
      if (!element(out, is_target)) return false;
    }
    return type(out) && moment(out);
  }

  bool element(Source& out, bool is_target) noexcept {
    if (!take('[')) return !is_target || fail("'['");
    Word index;
    if (!word(index)) return fail("an argN or a variable");
    if (!argument(index, out.argument)) {
      if (is_like_argument(index)) return fail("an argN or a variable");
      out.index = index;
    }
    if (!is_target) out.kind = SourceKind::Element;
    return take(']') || fail("']'");
  }

  bool type(Source& out) noexcept {
    if (!take(':')) return true;
    Word name;
    word(name);
    static constexpr struct {
      const char* name;
      std::uint8_t bytes;
    } kTypes[] = {{"8", 1}, {"16", 2}, {"32", 4}, {"64", 8}};
    for (const auto& item : kTypes) {
      const Word digits{name.data + 1, name.size - 1};
      if (name.size < 2 || (*name.data != 'i' && *name.data != 'u')) break;
      if (!digits.is(item.name)) continue;
      out.bytes = item.bytes;
      out.is_unsigned = *name.data == 'u';
      return true;
    }
    return fail("a type such as i32");
  }

  bool moment(Source& out) noexcept {
    if (!take('@')) return true;
    Word when;
    if (!word(when) || !when.is("end")) return fail("'end'");
    out.at_end = true;
    return true;
  }

  const char* at_;
  const char* expected_;
};

}  // namespace

void parse_rules(const char* text, RuleTable& table, OnRuleError on_error,
                 void* context) noexcept {
  for (;;) {
    while (is_blank(*text) || (ends_rule(*text) && *text != '\0')) ++text;
    if (*text == '\0') return;
    const char* end = text;
    while (!ends_rule(*end)) ++end;
    const Word whole{text, static_cast<std::uint32_t>(end - text)};
    if (table.count == RuleTable::kMaxRules) {
      on_error(context, {"fewer rules", whole, 0});
      return;
    }
    Rule& rule = table.rules[table.count];
    rule = {};
    Parser parser(text);
    if (parser.rule(rule)) {
      ++table.count;
    } else {
      on_error(context, {parser.expected(), whole,
                         static_cast<std::uint32_t>(parser.at() - text)});
    }
    text = end;
  }
}

}  // namespace sagemem
