// SPDX-License-Identifier: Apache-2.0
#include "gate/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>

namespace sagemem::gate {
namespace {

// Longer ones first.
constexpr std::string_view kSigns[] = {"==", "!=", "<=", ">=", "&&", "||",
                                       "<",  ">",  "+",  "-",  "*",  "/",
                                       "(",  ")",  ".",  ",",  "%",  "!"};

// Not those of <cctype>, which depend on the locale.
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> read() {
    std::vector<Token> tokens;
    do {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      Token token = next();
      token.end = at_;
      tokens.push_back(std::move(token));
    } while (tokens.back().kind != Token::Kind::End);
    return tokens;
  }

 private:
  Token next() {
    Token token;
    token.offset = at_;
    if (at_ == text_.size()) return token;
    const char c = text_[at_];
    if (is_digit(c)) return read_number(token);
    if (is_letter(c)) return read_name(token);
    if (c == '"' || c == '\'') return read_text(token);
    for (const std::string_view sign : kSigns) {
      if (!text_.substr(at_).starts_with(sign)) continue;
      token.kind = Token::Kind::Sign;
      token.text = sign;
      at_ += sign.size();
      return token;
    }
    if (c == '=') throw ExpressionError(at_, "write ==");
    throw ExpressionError(at_, fmt::format("{} means nothing here", shown(c)));
  }

  static std::string shown(char c) {
    if (c > ' ' && c < '\x7f') return fmt::format("'{}'", c);
    return fmt::format("byte {:#04x}", static_cast<unsigned char>(c));
  }

  // 12, 1_000, 1.5, 2e6; of "2.peak" the 2 alone.
  Token read_number(Token token) {
    std::string digits = take_digits();
    if (peek(0) == '.' && is_digit(peek(1))) {
      ++at_;
      digits += '.' + take_digits();
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek(0) == 'e' || peek(0) == 'E') && is_digit(peek(1 + sign))) {
      digits += 'e';
      if (peek(1) == '-') digits += '-';
      at_ += 1 + sign;
      digits += take_digits();
    }
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, token.number);
    if (read.ec != std::errc() || read.ptr != end ||
        !std::isfinite(token.number))
      throw ExpressionError(token.offset, "a number beyond all use");
    token.kind = Token::Kind::Number;
    token.text = text_.substr(token.offset, at_ - token.offset);
    return token;
  }

  std::string take_digits() {
    std::string digits;
    while (is_digit(peek(0)) || (peek(0) == '_' && is_digit(peek(1)))) {
      if (peek(0) != '_') digits += peek(0);
      ++at_;
    }
    return digits;
  }

  Token read_name(Token token) {
    while (is_letter(peek(0)) || is_digit(peek(0))) ++at_;
    token.kind = Token::Kind::Name;
    token.text = text_.substr(token.offset, at_ - token.offset);
    return token;
  }

  // As it stands: patterns have escapes of their own.
  Token read_text(Token token) {
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos)
      throw ExpressionError(at_, "a text that does not end");
    token.kind = Token::Kind::Text;
    token.text = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return token;
  }

  [[nodiscard]] char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> read_tokens(std::string_view text) {
  return Lexer(text).read();
}

}  // namespace sagemem::gate
