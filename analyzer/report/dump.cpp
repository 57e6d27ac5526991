// SPDX-License-Identifier: Apache-2.0
#include "report/dump.h"

#include <string>

#include "decode/event_reader.h"
#include "decode/text.h"
#include "report/json_parts.h"

namespace sagemem::report {
namespace {

using trace::Kind;

const char* kind_key(Kind kind) {
  switch (kind) {
    case Kind::Alloc:
      return "alloc";
    case Kind::Free:
      return "free";
    case Kind::ReallocBegin:
      return "realloc_begin";
    case Kind::ReallocEnd:
      return "realloc_end";
    case Kind::AllocFailed:
      return "alloc_failed";
    case Kind::Map:
      return "map";
    case Kind::Unmap:
      return "unmap";
    case Kind::ScopeBegin:
      return "scope_begin";
    case Kind::ScopeEnd:
      return "scope_end";
    case Kind::Label:
      return "label";
    case Kind::Note:
      return "note";
    case Kind::Control:
      return "control";
    case Kind::None:
      break;
  }
  return "none";
}

bool has_size(Kind kind) {
  return kind != Kind::Free && kind != Kind::ReallocBegin;
}

bool is_scope(Kind kind) {
  return kind == Kind::ScopeBegin || kind == Kind::ScopeEnd ||
         kind == Kind::Label || kind == Kind::Note;
}

void add_scope(Json& json, const decode::Event& event) {
  json["rule"] = event.rule;
  json["values"] =
      std::vector<std::int64_t>(event.values.begin(), event.values.end());
  if (event.kind == Kind::ScopeBegin)
    json["process_wide"] = event.is_process_wide;
  if (event.kind == Kind::ScopeEnd) json["abandoned"] = event.is_abandoned;
}

Json event_json(const decode::Event& event, const decode::TraceFile& file) {
  Json json;
  json["time_ns"] = file.clock().to_ns(event.ticks);
  json["stamped"] = event.is_stamped;
  json["tid"] = event.tid;
  json["writer"] = event.writer;
  json["kind"] = kind_key(event.kind);
  if (event.kind == Kind::Control) {
    json["text"] = decode::print_event(
        event, {.start_ticks = file.clock().start_ticks(), .name_frame = {}});
    return json;
  }
  if (is_scope(event.kind)) {
    add_scope(json, event);
    return json;
  }
  if (event.kind != Kind::ReallocBegin)
    json["api"] = std::string(decode::api_name(event.api));
  if (event.kind != Kind::AllocFailed) json["address"] = event.address;
  if (has_size(event.kind)) json["size"] = event.size;
  if (event.alignment_log2 > 0)
    json["alignment"] = std::uint64_t{1} << (event.alignment_log2 & 63);
  if (event.has_stack)
    json["stack"] =
        std::vector<std::uint64_t>(event.stack.rbegin(), event.stack.rend());
  return json;
}

}  // namespace

void print_dump(Output& out, const decode::TraceFile& file) {
  const decode::TextStyle style{.start_ticks = file.clock().start_ticks(),
                                .name_frame = {}};
  decode::EventReader reader(file);
  while (const decode::Event* event = reader.next())
    out.write(decode::print_event(*event, style) + "\n");
}

// One document, written piece by piece.
void print_dump_json(Output& out, const std::string& trace,
                     const decode::TraceFile& file) {
  Json head = json_schema("dump");
  head["trace"] = trace;
  std::string text = to_line(head);
  text.pop_back();  // the brace that closes the head
  out.write(text + ",\"events\":[");
  const char* separator = "\n";
  decode::EventReader reader(file);
  while (const decode::Event* event = reader.next()) {
    out.write(separator + to_line(event_json(*event, file)));
    separator = ",\n";
  }
  out.write("\n]}\n");
}

}  // namespace sagemem::report
