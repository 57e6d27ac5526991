// SPDX-License-Identifier: Apache-2.0
//
// One table as CSV (RFC 4180) with a line of column names.  What is not known
// is an empty field.
#include "exports/exporter.h"
#include "exports/tables.h"
#include "report/csv_field.h"
#include "report/output.h"

namespace sagemem::exports {
namespace {

std::string field_of(const Cell& cell) {
  if (cell.kind == Cell::Kind::Nothing) return "";
  if (cell.kind == Cell::Kind::Text) return report::csv_field(cell.text);
  return std::to_string(cell.number);
}

}  // namespace

void write_csv(report::Output& out, const report::Subject& subject,
               const ExportOptions& options) {
  const Table& table = *find_table(options.table);
  std::string line;
  for (const Column& column : table.columns)
    line += (line.empty() ? "" : ",") + std::string(column.name);
  out.write(line + "\n");
  table.fill(Catalog(subject), [&out](const Row& row) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i)
      text += (i > 0 ? "," : "") + field_of(row[i]);
    out.write(text + "\n");
  });
}

}  // namespace sagemem::exports
