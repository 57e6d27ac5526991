// SPDX-License-Identifier: Apache-2.0
#include "symbolize/names.h"

#include <cxxabi.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <memory>

namespace sagemem::symbolize {
namespace {

constexpr std::string_view kAnonymous = "(anonymous namespace)";
constexpr std::string_view kOperator = "operator";

constexpr std::array<std::string_view, 9> kSuffixes = {
    ".constprop.", ".isra.", ".part.",  ".cold", ".localalias",
    ".lto_priv.",  ".llvm.", ".clone.", ".warm"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The end of the bracketed text that begins at `begin`, one past the closing
// bracket; the end of the text when it never closes.
std::size_t skip_bracket(std::string_view text, std::size_t begin, char open,
                         char close) {
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == open) ++depth;
    if (text[i] == close && --depth == 0) return i + 1;
  }
  return text.size();
}

// Template arguments may hold `->` and operator names; only an arrow is common
// enough to matter.
std::size_t skip_template(std::string_view text, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>' && (i == 0 || text[i - 1] != '-') && --depth == 0)
      return i + 1;
  }
  return text.size();
}

constexpr std::array<std::string_view, 24> kLongOperators = {
    "<=>", "<<=", ">>=", "->*", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
    "++",  "--",  "+=",  "-=",  "*=", "/=", "%=", "^=", "&=", "|=", "->", "()"};

// The longest symbol that can be overloaded at the start of `text`.
std::size_t operator_length(std::string_view text) {
  for (const std::string_view symbol : kLongOperators)
    if (text.starts_with(symbol)) return symbol.size();
  if (text.starts_with("[]")) return 2;
  return text.empty() ? 0 : 1;
}

// Copies a demangled name piece by piece and leaves out what is not wanted.
class NameReader {
 public:
  NameReader(std::string_view text, bool keep_templates)
      : text_(text), keep_templates_(keep_templates) {}

  std::string read() {
    while (at_ < text_.size() && step()) {
    }
    return name_;
  }

 private:
  // False: the parameter list is reached.
  bool step() {
    if (starts_operator()) {
      read_operator();
      return true;
    }
    switch (text_[at_]) {
      case '<':
        return take(skip_template(text_, at_),
                    keep_templates_ || starts_lambda());
      case '[':
        return take(skip_bracket(text_, at_, '[', ']'), false);
      case '{':
        return take(skip_bracket(text_, at_, '{', '}'), true);
      case '(':
        return read_parenthesis();
      case ' ':
        name_.clear();  // what came before was the return type
        ++at_;
        return true;
      default:
        name_ += text_[at_++];
        return true;
    }
  }

  bool take(std::size_t end, bool keep) {
    if (keep) name_ += text_.substr(at_, end - at_);
    at_ = end;
    return true;
  }

  // gcc calls a closure <lambda(int)> in debug information.
  bool starts_lambda() const {
    return text_.substr(at_).starts_with("<lambda");
  }

  bool starts_operator() const {
    if (text_.substr(at_, kOperator.size()) != kOperator) return false;
    if (at_ > 0 && is_word(text_[at_ - 1])) return false;
    const std::size_t end = at_ + kOperator.size();
    return end < text_.size() && !is_word(text_[end]);
  }

  void read_operator() {
    name_ += kOperator;
    at_ += kOperator.size();
    if (text_[at_] == ' ') return read_named_operator();
    take(at_ + operator_length(text_.substr(at_)), true);
    if (text_.substr(at_, 2) == " <") ++at_;
  }

  // operator new[], operator bool, operator std::string
  void read_named_operator() {
    while (at_ < text_.size() && text_[at_] != '(') {
      if (text_[at_] == '<') {
        take(skip_template(text_, at_), keep_templates_);
      } else {
        name_ += text_[at_++];
      }
    }
  }

  bool read_parenthesis() {
    if (text_.substr(at_, kAnonymous.size()) == kAnonymous)
      return take(at_ + kAnonymous.size(), true);
    const std::size_t end = skip_bracket(text_, at_, '(', ')');
    // Parameters of an enclosing function, or a decltype(...) result.
    const std::size_t scope = text_.find("::", end);
    const bool encloses =
        scope == end || (scope != std::string_view::npos &&
                         text_.substr(end, scope - end) == " const");
    if (encloses) return take(scope, false);
    if (name_.ends_with("decltype")) return take(end, false);
    if (name_.empty()) return take(end, false);
    return false;
  }

  std::string_view text_;
  bool keep_templates_;
  std::size_t at_ = 0;
  std::string name_;
};

std::string read_name(std::string_view function, bool keep_templates) {
  std::string name = NameReader(function, keep_templates).read();
  return name.empty() ? std::string(function) : name;
}

void replace_all(std::string& text, std::string_view from,
                 std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string_view strip_suffixes(std::string_view symbol) {
  std::size_t end = symbol.size();
  for (const std::string_view suffix : kSuffixes) {
    const std::size_t at = symbol.find(suffix);
    if (at != std::string_view::npos && at > 0) end = std::min(end, at);
  }
  const std::size_t version = symbol.find('@');
  if (version != std::string_view::npos && version > 0)
    end = std::min(end, version);
  return symbol.substr(0, end);
}

std::string demangle(std::string_view symbol) {
  std::string name(symbol);
  if (!symbol.starts_with("_Z")) return name;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  return demangled != nullptr && status == 0 ? std::string(demangled.get())
                                             : name;
}

std::string without_parameters(std::string_view function) {
  std::string name = read_name(function, true);
  replace_all(name,
              "std::__cxx11::basic_string<char, std::char_traits<char>, "
              "std::allocator<char> >",
              "std::string");
  return name;
}

std::string plain_name(std::string_view function) {
  return read_name(function, false);
}

}  // namespace sagemem::symbolize
