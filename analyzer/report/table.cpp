// SPDX-License-Identifier: Apache-2.0
#include "report/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/csv_field.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

constexpr std::size_t kGap = 2;

bool is_masked(const Subject& subject, Unit unit) {
  return subject.is_reproducible &&
         (unit == Unit::Time || unit == Unit::RunsId);
}

Cell shown_cell(const Subject& subject, const Cell& cell, Unit unit) {
  const bool is_number = std::holds_alternative<std::uint64_t>(cell) ||
                         std::holds_alternative<std::int64_t>(cell);
  return is_number && is_masked(subject, unit) ? Cell(std::uint64_t{0}) : cell;
}

std::string number_text(std::uint64_t number, Unit unit) {
  if (unit == Unit::Bytes) return format_bytes(number);
  if (unit == Unit::Time)
    return format_duration(static_cast<std::int64_t>(number));
  if (unit == Unit::RunsId) return fmt::format("{}", number);
  return format_count(number);
}

std::string cell_text(const Page& page, const Cell& cell, Unit unit) {
  if (const auto* text = std::get_if<std::string>(&cell))
    return page.clean(*text);
  if (const auto* number = std::get_if<std::uint64_t>(&cell))
    return number_text(*number, unit);
  if (const auto* number = std::get_if<std::int64_t>(&cell))
    return number_text(
        static_cast<std::uint64_t>(std::max(*number, std::int64_t{0})), unit);
  return "-";
}

struct TextColumn {
  std::vector<std::string> cells;
  std::size_t width = 0;
  bool is_text = false;
};

TextColumn text_column(const Page& page, const Table& table,
                       const Subject& subject, std::size_t index,
                       std::size_t count) {
  const Column& column = table.columns[index];
  TextColumn result;
  result.is_text = column.unit == Unit::Text;
  result.width = columns_of(column.title);
  for (std::size_t row = 0; row < count; ++row) {
    result.cells.push_back(cell_text(
        page, shown_cell(subject, table.rows[row][index], column.unit),
        column.unit));
    result.width = std::max(result.width, columns_of(result.cells.back()));
  }
  return result;
}

std::string padded(const std::string& text, const TextColumn& column) {
  return column.is_text ? pad_right(text, column.width)
                        : pad_left(text, column.width);
}

Json cell_json(const Cell& cell) {
  return std::visit(
      [](const auto& value) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>,
                                     std::monostate>) {
          return nullptr;
        } else {
          return value;
        }
      },
      cell);
}

std::string csv_cell(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell))
    return csv_field(*text);
  if (const auto* number = std::get_if<std::uint64_t>(&cell))
    return fmt::format("{}", *number);
  if (const auto* number = std::get_if<std::int64_t>(&cell))
    return fmt::format("{}", *number);
  return "";
}

}  // namespace

void print_table(Page& page, const Table& table, const Subject& subject,
                 std::size_t count) {
  count = std::min(count, table.rows.size());
  std::vector<TextColumn> columns;
  std::string titles;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].title == nullptr) continue;
    columns.push_back(text_column(page, table, subject, i, count));
    titles +=
        std::string(kGap, ' ') + padded(table.columns[i].title, columns.back());
  }
  if (count > 0) page.line(page.paint(Tone::Dim, titles));
  for (std::size_t row = 0; row < count; ++row) {
    std::string line;
    for (const TextColumn& column : columns)
      line += std::string(kGap, ' ') + padded(column.cells[row], column);
    page.line(shorten_end(line.substr(0, line.find_last_not_of(' ') + 1),
                          page.width()));
  }
  if (count < table.rows.size())
    page.line(
        page.paint(Tone::Dim, fmt::format("  and {} more (--top 0 shows all)",
                                          table.rows.size() - count)));
}

void print_table(Page& page, const Table& table, const Subject& subject) {
  print_table(page, table, subject, shown(subject, table.rows.size()));
}

Json table_json(const Table& table, const Subject& subject) {
  Json list = Json::array();
  const std::size_t count = shown(subject, table.rows.size());
  for (std::size_t row = 0; row < count; ++row) {
    Json json = Json::object();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      if (column.key == nullptr) continue;
      json[column.key] =
          cell_json(shown_cell(subject, table.rows[row][i], column.unit));
    }
    list.push_back(std::move(json));
  }
  return list;
}

void write_csv(Output& out, const Table& table, const Subject& subject) {
  std::string text = subject.is_one_of_several ? "trace," : "";
  for (const Column& column : table.columns)
    if (column.key != nullptr) text += std::string(column.key) + ',';
  text.back() = '\r';
  if (subject.is_first) out.write(text + '\n');
  const std::size_t count = shown(subject, table.rows.size());
  for (std::size_t row = 0; row < count; ++row) {
    text = subject.is_one_of_several ? csv_field(subject.trace) + ',' : "";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      if (column.key == nullptr) continue;
      text +=
          csv_cell(shown_cell(subject, table.rows[row][i], column.unit)) + ',';
    }
    text.back() = '\r';
    out.write(text + '\n');
  }
}

std::int64_t shown_time(const Subject& subject, std::int64_t ns) {
  return subject.is_reproducible ? 0 : ns;
}

std::int64_t shown_id(const Subject& subject, std::int64_t id) {
  return subject.is_reproducible ? 0 : id;
}

void add_site_columns(Table& table) {
  table.columns.push_back({"function", nullptr, Unit::Text});
  table.columns.push_back({"file", nullptr, Unit::Text});
  table.columns.push_back({"line", nullptr, Unit::Count});
  table.columns.push_back({"module", nullptr, Unit::Text});
  table.columns.push_back({nullptr, "site", Unit::Text});
}

void add_site_cells(std::vector<Cell>& row,
                    const symbolize::Location& location) {
  const auto text_or_nothing = [](const std::string& text) {
    return text.empty() ? Cell() : Cell(text);
  };
  row.emplace_back(location.name());
  row.push_back(text_or_nothing(location.file));
  // Not with a conditional expression: g++ 12 sees an uninitialised string in
  // the moved variant.
  row.emplace_back();
  if (location.line != 0) row.back() = std::uint64_t{location.line};
  row.push_back(text_or_nothing(location.module));
  std::string place = location.function.empty()
                          ? location.name()
                          : shorten_function(location.function, 40);
  if (!location.file.empty())
    place += fmt::format("  {}:{}", symbolize::base_name(location.file),
                         location.line);
  row.emplace_back(std::move(place));
}

}  // namespace sagemem::report
