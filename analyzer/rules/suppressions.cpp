// SPDX-License-Identifier: Apache-2.0
#include "rules/suppressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>

#include "rules/glob.h"
#include "rules/parse_rules.h"

namespace sagemem::rules {
namespace {

constexpr std::size_t kMaxFileBytes = 4 << 20;
constexpr std::string_view kBlanks = " \t\r\f\v";

std::string_view trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(kBlanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

// Takes `prefix` off the front, if it is there.
bool accept(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& file)
      : rest_(text), file_(file) {}

  std::vector<Suppression> parse() {
    while (next()) {
      if (line_.empty()) {
        reason_.clear();
      } else if (line_.front() == '#') {
        comment();
      } else {
        if (line_ == "{") {
          block();
        } else {
          pattern();
        }
        reason_.clear();
      }
    }
    return std::move(result_);
  }

 private:
  // The next line, without blanks around it.
  bool next() {
    if (rest_.empty()) return false;
    const std::size_t length = std::min(rest_.find('\n'), rest_.size());
    const std::string_view whole = rest_.substr(0, length);
    rest_.remove_prefix(std::min(length + 1, rest_.size()));
    line_ = trim(whole);
    column_ = line_.empty()
                  ? 1
                  : static_cast<std::size_t>(line_.data() - whole.data()) + 1;
    ++number_;
    return true;
  }

  [[noreturn]] void fail(const std::string& problem,
                         std::string_view at = {}) const {
    const std::size_t column =
        at.empty()
            ? column_
            : column_ + static_cast<std::size_t>(at.data() - line_.data());
    throw RuleError(fmt::format("{}:{}:{}: {}",
                                file_.empty() ? "suppressions" : file_, number_,
                                column, problem));
  }

  void comment() {
    std::string_view text = line_;
    text.remove_prefix(std::min(text.find_first_not_of('#'), text.size()));
    text = trim(text);
    if (text.empty()) return;
    if (!reason_.empty()) reason_ += ' ';
    reason_ += text;
  }

  Suppression& add(std::string_view name) {
    Suppression& one = result_.emplace_back();
    one.name = name;
    one.reason = reason_;
    one.file = file_;
    one.line = number_;
    return one;
  }

  void pattern() {
    std::string_view text = line_;
    if (!accept(text, "leak:")) {
      fail("expected leak:PATTERN, or { and an entry of valgrind's");
    }
    if (trim(text).empty()) fail("a pattern that matches every leak");
    add(text).anywhere = text;
  }

  void block() {
    const std::size_t start = number_;
    Suppression one;
    one.reason = reason_;
    one.file = file_;
    one.line = number_;
    require_line(start);
    one.name = line_;
    require_line(start);
    const bool is_leak = is_of_leaks();
    bool has_kinds = false;
    for (;;) {
      require_line(start);
      if (line_ == "}") break;
      if (!is_leak) continue;
      std::string_view text = line_;
      if (accept(text, "match-leak-kinds:")) {
        if (has_kinds || !one.frames.empty()) fail("out of place");
        has_kinds = true;
        one.kinds = kinds(text);
      } else if (accept(text, "only-objects:")) {
        if (!one.frames.empty()) fail("out of place");
        add_objects(text, one.objects);
      } else {
        one.frames.push_back(frame());
      }
    }
    if (!is_leak) return;
    if (one.frames.empty()) fail("an entry without frames");
    result_.push_back(std::move(one));
  }

  // The next line that is neither empty nor a comment.
  void require_line(std::size_t start) {
    do {
      if (!next()) {
        fail(fmt::format("the entry of line {} does not end", start));
      }
    } while (line_.empty() || line_.front() == '#');
  }

  // "Memcheck:Leak"; several tools may be named.
  [[nodiscard]] bool is_of_leaks() const {
    const std::size_t colon = line_.find(':');
    if (colon == std::string_view::npos) fail("expected TOOL:KIND");
    return trim(line_.substr(colon + 1)) == "Leak" &&
           line_.substr(0, colon).find("emcheck") != std::string_view::npos;
  }

  [[nodiscard]] unsigned kinds(std::string_view list) const {
    constexpr struct {
      std::string_view name;
      unsigned kinds;
    } kNames[] = {{"definite", kDefinite}, {"indirect", kIndirect},
                  {"possible", kPossible}, {"reachable", kReachable},
                  {"all", kAllKinds},      {"none", 0}};
    unsigned result = 0;
    while (!list.empty()) {
      const std::size_t length = std::min(list.find(','), list.size());
      const std::string_view name = trim(list.substr(0, length));
      const auto* const found =
          std::find_if(std::begin(kNames), std::end(kNames),
                       [name](const auto& one) { return one.name == name; });
      if (found == std::end(kNames)) {
        fail(fmt::format("no kind of leaks: '{}'", name), list);
      }
      result |= found->kinds;
      list.remove_prefix(std::min(length + 1, list.size()));
    }
    return result;
  }

  void add_objects(std::string_view list,
                   std::vector<std::string>& objects) const {
    for (;;) {
      const std::size_t length = std::min(list.find(','), list.size());
      const std::string_view glob = trim(list.substr(0, length));
      if (glob.empty()) fail("an empty pattern");
      objects.emplace_back(glob);
      if (length == list.size()) return;
      list.remove_prefix(length + 1);
    }
  }

  [[nodiscard]] FramePattern frame() const {
    using What = FramePattern::What;
    if (line_ == "...") return {What::AnyFrames, {}, 0};
    std::string_view text = line_;
    FramePattern pattern;
    if (accept(text, "fun:")) {
      pattern.what = What::Function;
    } else if (accept(text, "obj:")) {
      pattern.what = What::Object;
    } else if (accept(text, "src:")) {
      pattern.what = What::Source;
      pattern.line = take_line(text);
    } else {
      fail("expected fun:, obj:, src:, ... or }");
    }
    if (text.empty()) fail("an empty pattern");
    pattern.glob = text;
    return pattern;
  }

  // The number behind the last colon, which is taken off.
  static std::uint32_t take_line(std::string_view& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return 0;
    const std::string_view digits = text.substr(colon + 1);
    std::uint32_t line = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), line);
    if (error != std::errc{} || end != digits.data() + digits.size()) return 0;
    text = text.substr(0, colon);
    return line;
  }

  std::string_view rest_;
  const std::string& file_;
  std::string_view line_;
  std::size_t number_ = 0;
  std::size_t column_ = 1;
  std::string reason_;
  std::vector<Suppression> result_;
};

}  // namespace

std::vector<Suppression> parse_suppressions(std::string_view text,
                                            const std::string& file) {
  return Parser(text, file).parse();
}

std::vector<Suppression> load_suppressions(const std::string& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A directory can be opened, and says so when it is read.
  if (!in.eof() && !in) {
    throw RuleError(fmt::format(
        "{}: {}", file,
        std::error_code(errno != 0 ? errno : EIO, std::generic_category())
            .message()));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxFileBytes) {
    throw RuleError(fmt::format("{}: too long for suppressions", file));
  }
  return parse_suppressions(text, file);
}

const std::vector<Suppression>& built_in_suppressions() {
  static const std::vector<Suppression> all =
      parse_suppressions(built_in_suppression_text(), {});
  return all;
}

bool template_matches(std::string_view pattern, std::string_view text) {
  const bool is_at_start = accept(pattern, "^");
  const bool is_at_end = pattern.ends_with('$');
  if (is_at_end) pattern.remove_suffix(1);
  // The glob has more signs than the template: these are taken as they are.
  std::string glob = is_at_start ? "" : "*";
  for (const char c : pattern) {
    if (c == '?' || c == '\\') glob += '\\';
    glob += c;
  }
  if (!is_at_end) glob += '*';
  return glob_matches(glob, text);
}

}  // namespace sagemem::rules
