// SPDX-License-Identifier: Apache-2.0
//
// The tables of a TOML file as somebody wrote them by hand: every key is asked
// for by name and kind, and each mistake is told with its line and column.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sagemem::rules {

// Throws RuleError: "FILE:LINE:COLUMN: what is wrong".
[[noreturn]] void fail(const std::string& source,
                       const toml::source_position& at,
                       std::string_view problem);

// Throws RuleError; `source` is what errors call the text.
[[nodiscard]] toml::table parse_toml(std::string_view text,
                                     const std::string& source);

// One table of the file; every key that it has must be asked for.  Neither the
// table nor the name may go away before it.
class Fields {
 public:
  Fields(const toml::table& table, const std::string& source)
      : table_(table), source_(source) {}

  [[noreturn]] void fail(const toml::node& node,
                         std::string_view problem) const;
  [[noreturn]] void fail(std::string_view problem) const;

  void allow_only(std::initializer_list<std::string_view> keys) const;
  [[nodiscard]] bool has(std::string_view key) const;
  // nullptr: it is not there.
  [[nodiscard]] const toml::node* node(std::string_view key) const;

  [[nodiscard]] std::string text(std::string_view key) const;
  // One text or a list of such; empty when the key is not there.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  // From 1 to `most`; 0 when the key is not there.
  [[nodiscard]] std::uint64_t count(std::string_view key,
                                    std::uint64_t most) const;
  [[nodiscard]] std::uint64_t bytes(std::string_view key) const;
  [[nodiscard]] bool flag(std::string_view key) const;
  // A table of texts.
  [[nodiscard]] std::map<std::string, std::string> named(
      std::string_view key) const;
  // The tables of an array of tables.
  [[nodiscard]] std::vector<Fields> tables(std::string_view key) const;

  [[nodiscard]] const toml::table& table() const { return table_; }

 private:
  [[nodiscard]] std::string text_of(const toml::node& node,
                                    std::string_view key) const;

  const toml::table& table_;
  const std::string& source_;
};

}  // namespace sagemem::rules
