// SPDX-License-Identifier: Apache-2.0
//
// Where an export goes.  A file appears as a whole, or not at all; what is no
// ordinary file, a pipe or a terminal, is written to as it is.
//
// Hazard: `export pprof run.smt -o run.smt` is one slip of the fingers away
// from the loss of a run.  A trace is never written over.
#pragma once

#include <string>
#include <string_view>

#include "exports/exporter.h"

namespace sagemem::exports {

// To the file, or to `standard` when `path` is empty.  Throws
// report::OutputError.
void write_export(const Format& format, const std::string& path,
                  report::Output& standard, const report::Subject& subject,
                  const ExportOptions& options);

// A text of another kind, in the same way.
void write_text(const std::string& path, std::string_view text);

// "" or why `path` cannot be written to in this format.  To be asked before
// the work begins.
[[nodiscard]] std::string refusal_of(const Format& format,
                                     const std::string& path);

}  // namespace sagemem::exports
