// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "report/facts.h"
#include "report/json_parts.h"

namespace sagemem::report {
namespace {

const char* symbols_key(const symbolize::SymbolSummary& summary) {
  switch (summary.state) {
    case symbolize::SymbolState::Usable:
      if (summary.has_lines) return "lines";
      return summary.has_symbols ? "functions" : "none";
    case symbolize::SymbolState::NoFile:
      return "no_file";
    case symbolize::SymbolState::NotElf:
      return "not_elf";
    case symbolize::SymbolState::OtherBuild:
      return "other_build";
  }
  return "none";
}

Json json_modules(const Subject& subject) {
  Json modules = Json::array();
  for (std::size_t i = 0; i < subject.profile.modules.size(); ++i) {
    const model::Module& module = subject.profile.modules[i];
    const std::string id = build_id_text(module);
    Json one;
    one["path"] = module.path;
    one["build_id"] = id.empty() ? Json(nullptr) : Json(id);
    one["bias"] = module.bias;
    one["start"] = module.start;
    one["end"] = module.end;
    one["loaded_ns"] = module.loaded_ns;
    one["unloaded_ns"] =
        module.unloaded_ns >= 0 ? Json(module.unloaded_ns) : Json(nullptr);
    one["executable"] = module.is_executable;
    one["recorder"] = module.is_recorder;
    one["symbols"] =
        symbols_key(subject.symbols.summary(static_cast<std::uint32_t>(i)));
    modules.push_back(std::move(one));
  }
  return modules;
}

Json json_environment(const model::Profile& profile) {
  Json environment = Json::array();
  for (const auto& [key, value] : profile.info)
    if (key == trace::kInfoEnvironment) environment.push_back(value);
  return environment;
}

Json json_file(const Subject& subject) {
  const model::Profile& profile = subject.profile;
  const trace::FileHeader& header = profile.header;
  const std::string& recorder = profile.info_value(trace::kInfoVersion);
  Json file;
  file["format"] =
      fmt::format("{}.{}", header.version_major, header.version_minor);
  file["recorder"] = recorder.empty() ? Json(nullptr) : Json(recorder);
  file["bytes"] = profile.file_bytes;
  file["record_bytes"] = profile.record_bytes;
  file["segments"] = subject.segments;
  file["writers"] = header.writers;
  file["start_counter"] = header.start_counter;
  file["page_bytes"] = header.page_bytes;
  file["clock"] = clock_text(profile);
  file["ticks_per_ns"] = profile.ticks_per_ns;
  file["packed"] = (header.flags & trace::kFlagPacked) != 0;
  file["closed"] = (header.flags & trace::kFlagClosed) != 0;
  file["stack_nodes"] = profile.stacks.size() - 1;
  return file;
}

}  // namespace

Json info_json(const Subject& subject) {
  const model::Profile& profile = subject.profile;
  Json json = json_head(subject, "info");
  json["file"] = json_file(subject);
  json["environment"] = json_environment(profile);
  json["lost"] = json_lost(profile);
  json["anomalies"] = json_anomalies(profile);
  json["notices"] = json_notices(profile);
  json["modules"] = json_modules(subject);
  json["threads"] = json_threads(profile);
  json["mapped"] = json_mapped(profile);
  return json;
}

}  // namespace sagemem::report
