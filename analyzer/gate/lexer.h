// SPDX-License-Identifier: Apache-2.0
//
// The words of a rule.
//
//   scope("forest").peak <= 512 MiB
//   Name ( Text ) . Name <= Number Name
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sagemem::gate {

// A mistake, and at which byte of the rule it is.
class ExpressionError : public std::runtime_error {
 public:
  ExpressionError(std::size_t offset, const std::string& problem)
      : std::runtime_error(problem), offset_(offset) {}

  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

 private:
  std::size_t offset_;
};

struct Token {
  enum class Kind { Number, Name, Text, Sign, End };

  Kind kind = Kind::End;
  std::string text;  // of Text: what is between the quotes
  double number = 0;
  std::size_t offset = 0;
  std::size_t end = 0;

  [[nodiscard]] bool is_sign(std::string_view sign) const {
    return kind == Kind::Sign && text == sign;
  }
  [[nodiscard]] bool is_name(std::string_view name) const {
    return kind == Kind::Name && text == name;
  }
};

// The last one is End.  Throws ExpressionError.
[[nodiscard]] std::vector<Token> read_tokens(std::string_view text);

}  // namespace sagemem::gate
