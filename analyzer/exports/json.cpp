// SPDX-License-Identifier: Apache-2.0
//
// All tables as one JSON document, "sagemem.export", each a list of objects;
// schema/export.schema.json describes it and is installed.
#include "exports/exporter.h"
#include "exports/tables.h"
#include "report/json_parts.h"

namespace sagemem::exports {
namespace {

using report::Json;

Json json_of(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::Nothing:
      break;
    case Cell::Kind::Flag:
      return cell.number != 0;
    case Cell::Kind::Integer:
      return cell.number;
    case Cell::Kind::Text:
      return cell.text;
  }
  return nullptr;
}

}  // namespace

void write_json(report::Output& out, const report::Subject& subject,
                const ExportOptions& /*options*/) {
  const Catalog catalog(subject);
  std::string head = report::to_line(report::json_schema("export"));
  head.pop_back();  // the brace that closes it
  out.write(head);
  // A row at a time: tables are long.
  for (const Table& table : tables()) {
    out.write(",\n\"" + std::string(table.name) + "\":[");
    const char* separator = "\n";
    table.fill(catalog, [&](const Row& row) {
      Json json;
      for (std::size_t i = 0; i < row.size(); ++i)
        json[table.columns[i].name] = json_of(row[i]);
      out.write(separator + report::to_line(json));
      separator = ",\n";
    });
    out.write("\n]");
  }
  out.write("}\n");
}

}  // namespace sagemem::exports
