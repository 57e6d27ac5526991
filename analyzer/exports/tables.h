// SPDX-License-Identifier: Apache-2.0
//
// A profile as tables, for CSV, JSON and SQLite alike: what there is, with the
// meaning of each column, is said once, in tables.cpp, and described in
// sagemem-report(1).
//
//   sites(id) <- stacks(site) <- stack_frames(stack, frame) -> frames(id)
//                stacks(category) -> categories(id)
//   scopes(id) <- scope_values(scope)
//
// Ids count from 1 in an order that follows from the numbers and names alone.
// Column names are a promise, as JSON keys are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exports/samples.h"

namespace sagemem::exports {

// Nothing is what is not known.  A std::variant would do, but for g++ 12, which
// sees its strings uninitialised.
struct Cell {
  enum class Kind { Nothing, Flag, Integer, Text };

  Kind kind = Kind::Nothing;
  std::int64_t number = 0;  // of a flag, too
  std::string text;

  Cell() = default;
  // Rows are written as lists of values: conversions are what is wanted.
  Cell(bool flag) : kind(Kind::Flag), number(flag ? 1 : 0) {}
  Cell(std::int64_t value) : kind(Kind::Integer), number(value) {}
  Cell(std::string value) : kind(Kind::Text), text(std::move(value)) {}
};
using Row = std::vector<Cell>;
using RowSink = std::function<void(Row row)>;

enum class ColumnType { Flag, Integer, Text };

struct Column {
  const char* name;
  ColumnType type;
  bool may_be_null = false;
};

// What several tables need, found once.
class Catalog {
 public:
  explicit Catalog(const report::Subject& subject);

  [[nodiscard]] const report::Subject& subject() const { return subject_; }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
  // In the order of their ids.
  [[nodiscard]] const std::vector<const analysis::Site*>& sites() const {
    return sites_;
  }
  [[nodiscard]] const std::vector<std::uint32_t>& categories() const {
    return categories_;
  }
  [[nodiscard]] const std::vector<const symbolize::Location*>& frames() const {
    return frames_;
  }
  // Of an index into SiteTable::sites or CategoryTable::categories.
  [[nodiscard]] std::int64_t site_id(std::uint32_t site) const {
    return site_ids_[site];
  }
  [[nodiscard]] std::int64_t category_id(std::uint32_t category) const {
    return category_ids_[category];
  }
  [[nodiscard]] std::int64_t frame_id(const symbolize::Location* place) const {
    return frame_ids_.at(place);
  }

 private:
  const report::Subject& subject_;
  std::vector<Sample> samples_;
  std::vector<const analysis::Site*> sites_;
  std::vector<std::uint32_t> categories_;
  std::vector<const symbolize::Location*> frames_;
  std::vector<std::int64_t> site_ids_;
  std::vector<std::int64_t> category_ids_;
  std::map<const symbolize::Location*, std::int64_t> frame_ids_;
};

struct Table {
  const char* name;
  std::vector<Column> columns;
  void (*fill)(const Catalog& catalog, const RowSink& add);
};

[[nodiscard]] const std::vector<Table>& tables();
[[nodiscard]] const Table* find_table(std::string_view name);

}  // namespace sagemem::exports
