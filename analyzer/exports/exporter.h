// SPDX-License-Identifier: Apache-2.0
//
// The formats that a profile can be written in, for the tools that read them.
// A new one is a file with one function, and a row in the table.
//
// Hazard: names in a trace are hostile.  Each format says how it escapes what
// would be syntax to its readers.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "exports/samples.h"
#include "report/output.h"

namespace sagemem::exports {

struct ExportOptions {
  Value value = Value::Peak;    // where the format holds one
  std::string table = "sites";  // of csv
};

using WriteExport = void (*)(report::Output& out,
                             const report::Subject& subject,
                             const ExportOptions& options);

struct Format {
  const char* name;
  const char* description;
  WriteExport write;        // nullptr: sqlite, which needs a file by name
  bool has_value = false;   // heeds ExportOptions::value
  bool has_tables = false;  // needs what each category held over time
};

[[nodiscard]] const std::vector<Format>& formats();
// nullptr: there is none of that name.
[[nodiscard]] const Format* find_format(std::string_view name);

void write_folded(report::Output& out, const report::Subject& subject,
                  const ExportOptions& options);
void write_speedscope(report::Output& out, const report::Subject& subject,
                      const ExportOptions& options);
void write_pprof(report::Output& out, const report::Subject& subject,
                 const ExportOptions& options);
void write_chrome(report::Output& out, const report::Subject& subject,
                  const ExportOptions& options);
void write_massif(report::Output& out, const report::Subject& subject,
                  const ExportOptions& options);
void write_callgrind(report::Output& out, const report::Subject& subject,
                     const ExportOptions& options);
void write_csv(report::Output& out, const report::Subject& subject,
               const ExportOptions& options);
void write_json(report::Output& out, const report::Subject& subject,
                const ExportOptions& options);
// Into an empty file, which SQLite opens by itself.  Throws
// report::OutputError.
void write_sqlite(const std::filesystem::path& path,
                  const report::Subject& subject);

}  // namespace sagemem::exports
