// SPDX-License-Identifier: Apache-2.0
#include "exports/exporter.h"

namespace sagemem::exports {

const std::vector<Format>& formats() {
  static const std::vector<Format> table = {
      {.name = "folded",
       .description = "Folded stacks, for flame graphs",
       .write = write_folded,
       .has_value = true},
      {.name = "speedscope",
       .description = "speedscope",
       .write = write_speedscope,
       .has_value = true},
      {.name = "pprof",
       .description = "pprof, gzipped protobuf",
       .write = write_pprof,
       .has_value = true},
      {.name = "chrome",
       .description = "Trace events for Perfetto and Chrome",
       .write = write_chrome},
      {.name = "massif",
       .description = "massif, for ms_print",
       .write = write_massif},
      {.name = "callgrind",
       .description = "callgrind, for callgrind_annotate and KCachegrind",
       .write = write_callgrind},
      {.name = "csv",
       .description = "One table as CSV",
       .write = write_csv,
       .has_tables = true},
      {.name = "json",
       .description = "All tables as JSON",
       .write = write_json,
       .has_tables = true},
      {.name = "sqlite",
       .description = "All tables as an SQLite database",
       .write = nullptr,
       .has_tables = true},
  };
  return table;
}

const Format* find_format(std::string_view name) {
  for (const Format& format : formats())
    if (name == format.name) return &format;
  return nullptr;
}

}  // namespace sagemem::exports
