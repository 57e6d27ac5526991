// SPDX-License-Identifier: Apache-2.0
//
// The reports for programs.  Keys are never renamed and never change meaning;
// new ones may come.  report/schema/ describes them and is installed.
//
// Lists are complete unless --top asks for less.  What is not known is null.
// Hazard: names in a trace need not be UTF-8; to_text() replaces what is not.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "report/subject.h"

namespace sagemem::report {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json summary_json(const Subject& subject);
[[nodiscard]] Json peak_json(const Subject& subject);
[[nodiscard]] Json leaks_json(const Subject& subject);
[[nodiscard]] Json sites_json(const Subject& subject);
[[nodiscard]] Json categories_json(const Subject& subject);
[[nodiscard]] Json info_json(const Subject& subject);

// Indented and ending in a newline.
[[nodiscard]] std::string to_text(const Json& json);
// Without white space.
[[nodiscard]] std::string to_line(const Json& json);

}  // namespace sagemem::report
