// SPDX-License-Identifier: Apache-2.0
//
// A table, said once and printed in three ways: as text, as a list of JSON
// objects, as CSV.  What is a number stays one until it is printed, so that
// machines get bytes and nanoseconds and readers get units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "report/json.h"
#include "report/output.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

enum class Unit : std::uint8_t {
  Text,
  Count,
  Bytes,
  Time,    // nanoseconds since the start, or a span of them
  RunsId,  // a number that the system chose for this run: a tid
};

struct Column {
  const char* key;    // for machines; nullptr: in text only
  const char* title;  // for readers; nullptr: for machines only
  Unit unit = Unit::Count;
};

// Nothing: not known, or does not apply.
using Cell =
    std::variant<std::monostate, std::uint64_t, std::int64_t, std::string>;

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

// The rows beyond `count` are said to be there.  The last column takes what
// room there is and is cut to it.
void print_table(Page& page, const Table& table, const Subject& subject,
                 std::size_t count);
void print_table(Page& page, const Table& table, const Subject& subject);

// As many rows as the subject wants.
[[nodiscard]] Json table_json(const Table& table, const Subject& subject);
// RFC 4180, with CRLF and one line of keys on top.  Where the subject is one of
// several traces a column in front names it, and only the first has that line.
void write_csv(Output& out, const Table& table, const Subject& subject);

// What a reader sees as times and ids of the run, where those are masked.
[[nodiscard]] std::int64_t shown_time(const Subject& subject, std::int64_t ns);
[[nodiscard]] std::int64_t shown_id(const Subject& subject, std::int64_t id);

// Function, file, line and module for machines, one text for readers, which
// comes last: to be called for the columns, and for each row.
void add_site_columns(Table& table);
void add_site_cells(std::vector<Cell>& row,
                    const symbolize::Location& location);

}  // namespace sagemem::report
