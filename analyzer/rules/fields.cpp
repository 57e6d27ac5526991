// SPDX-License-Identifier: Apache-2.0
#include "rules/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "rules/parse_rules.h"
#include "rules/rule_text.h"

namespace sagemem::rules {

void fail(const std::string& source, const toml::source_position& at,
          std::string_view problem) {
  // What is there by implication alone has no place of its own.
  throw RuleError(fmt::format("{}:{}:{}: {}", source, std::max(at.line, 1u),
                              std::max(at.column, 1u), problem));
}

toml::table parse_toml(std::string_view text, const std::string& source) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    fail(source, error.source().begin, error.description());
  }
}

const toml::node* Fields::node(std::string_view key) const {
  return table_.get(key);
}

void Fields::fail(const toml::node& node, std::string_view problem) const {
  rules::fail(source_, node.source().begin, problem);
}
void Fields::fail(std::string_view problem) const {
  fail(table_, problem);
}

void Fields::allow_only(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, node] : table_) {
    if (std::find(keys.begin(), keys.end(), key.str()) == keys.end()) {
      rules::fail(source_, key.source().begin,
                  fmt::format("'{}' is not known here", key.str()));
    }
  }
}

bool Fields::has(std::string_view key) const {
  return table_.contains(key);
}

std::string Fields::text(std::string_view key) const {
  const toml::node* const node = table_.get(key);
  if (node == nullptr) fail(fmt::format("'{}' is missing", key));
  return text_of(*node, key);
}

std::vector<std::string> Fields::texts(std::string_view key) const {
  std::vector<std::string> result;
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return result;
  if (const toml::array* const list = node->as_array()) {
    for (const toml::node& one : *list) result.push_back(text_of(one, key));
    if (result.empty()) fail(*node, fmt::format("'{}' is empty", key));
  } else {
    result.push_back(text_of(*node, key));
  }
  return result;
}

std::uint64_t Fields::count(std::string_view key, std::uint64_t most) const {
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return 0;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < 1 || static_cast<std::uint64_t>(*value) > most) {
    fail(*node, fmt::format("'{}' has to be a number from 1 to {}", key, most));
  }
  return static_cast<std::uint64_t>(*value);
}

std::uint64_t Fields::bytes(std::string_view key) const {
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return 0;
  if (!node->is_string()) {
    return count(key, std::numeric_limits<std::int64_t>::max());
  }
  const auto value = parse_bytes(text(key));
  if (!value) {
    fail(*node, fmt::format("'{}' has to be a size such as \"4 GiB\"", key));
  }
  return *value;
}

bool Fields::flag(std::string_view key) const {
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return false;
  const auto value = node->value_exact<bool>();
  if (!value) fail(*node, fmt::format("'{}' has to be true or false", key));
  return *value;
}

std::map<std::string, std::string> Fields::named(std::string_view key) const {
  std::map<std::string, std::string> result;
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return result;
  const toml::table* const table = node->as_table();
  if (table == nullptr) {
    fail(*node, fmt::format("'{}' has to be a table", key));
  }
  for (const auto& [name, value] : *table) {
    result.emplace(name.str(), text_of(value, name.str()));
  }
  return result;
}

std::vector<Fields> Fields::tables(std::string_view key) const {
  std::vector<Fields> result;
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return result;
  const toml::array* const list = node->as_array();
  if (list == nullptr) fail(*node, fmt::format("write [[{}]]", key));
  for (const toml::node& one : *list) {
    const toml::table* const table = one.as_table();
    if (table == nullptr) fail(one, fmt::format("write [[{}]]", key));
    result.emplace_back(*table, source_);
  }
  return result;
}

std::string Fields::text_of(const toml::node& node,
                            std::string_view key) const {
  auto value = node.value_exact<std::string>();
  if (!value) fail(node, fmt::format("'{}' has to be a text", key));
  if (value->empty()) fail(node, fmt::format("'{}' is empty", key));
  if (value->find('\0') != std::string::npos) {
    fail(node, fmt::format("'{}' holds a NUL character", key));
  }
  return *std::move(value);
}

}  // namespace sagemem::rules
