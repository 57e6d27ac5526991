// SPDX-License-Identifier: Apache-2.0
//
// The trace event format of Chrome, which Perfetto reads: the heap and the
// resident set as counters, scopes as slices on the track of their thread,
// snapshots as instants.
//
// Slices of a thread nest, as its scopes do.  A process-wide scope may be ended
// by any thread, so it is an asynchronous slice on a track of its own.  Times
// are microseconds.  Nothing in a JSON text needs escaping by hand.

#include "exports/exporter.h"
#include "report/json.h"

namespace sagemem::exports {
namespace {

using report::Json;

class Events {
 public:
  Events(report::Output& out, const model::Profile& profile)
      : out_(out), profile_(profile) {}

  void write() {
    out_.write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
    write_names();
    write_heap();
    for (std::size_t i = 0; i < profile_.scopes.scopes.size(); ++i)
      write_scope(i);
    for (const model::Snapshot& one : profile_.scopes.snapshots)
      write_snapshot(one);
    out_.write("\n]}\n");
  }

 private:
  static double micros(std::int64_t ns) {
    return static_cast<double>(ns) / 1000.0;
  }

  Json event(const char* phase, const std::string& name, std::int64_t ns) {
    Json json;
    json["name"] = name;
    json["ph"] = phase;
    json["ts"] = micros(ns);
    json["pid"] = profile_.header.pid;
    return json;
  }

  void put(const Json& json) {
    out_.write(separator_ + report::to_line(json));
    separator_ = ",\n";
  }

  std::int32_t tid_of(const model::Scope& scope) const {
    return scope.thread < profile_.threads.size()
               ? profile_.threads[scope.thread].tid
               : profile_.header.pid;
  }

  void write_names() {
    Json process = event("M", "process_name", 0);
    process["args"]["name"] = command_line(profile_);
    put(process);
    for (const model::Thread& thread : profile_.threads) {
      Json one = event("M", "thread_name", 0);
      one["tid"] = thread.tid;
      one["args"]["name"] = clean(thread.name);
      put(one);
    }
  }

  // The peak stands at its time; the curve has it at the end of an interval.
  void write_heap() {
    bool is_peak_due = profile_.peak.bytes > 0;
    for (const model::TimePoint& point : profile_.timeline) {
      if (is_peak_due && profile_.peak.time_ns <= point.time_ns) {
        is_peak_due = false;
        write_counter("heap", profile_.peak.time_ns, profile_.peak.bytes);
      }
      write_counter("heap", point.time_ns, point.max_bytes);
      if (point.resident_bytes != 0)
        write_counter("resident", point.time_ns, point.resident_bytes);
    }
    if (is_peak_due)
      write_counter("heap", profile_.peak.time_ns, profile_.peak.bytes);
  }

  void write_counter(const char* name, std::int64_t ns, std::uint64_t bytes) {
    Json json = event("C", name, ns);
    json["args"]["bytes"] = bytes;
    put(json);
  }

  Json facts_of(const model::Scope& scope) const {
    Json facts;
    facts["number"] = scope.number;
    for (const model::CapturedValue& value : profile_.scopes.captured_of(scope))
      facts[clean(profile_.scopes.keys[value.key])] = value.value;
    facts["peak_bytes"] = scope.peak_bytes;
    facts["total_peak_bytes"] = scope.total_peak_bytes;
    facts["bytes_allocated"] = scope.allocated_bytes;
    facts["allocations"] = scope.allocated_blocks;
    facts["escaped_bytes"] = scope.escaped_bytes;
    facts["escaped_blocks"] = scope.escaped_blocks;
    facts["floor_bytes"] = scope.floor_bytes;
    return facts;
  }

  void write_scope(std::size_t index) {
    const model::Scope& scope = profile_.scopes.scopes[index];
    const model::ScopeRule& rule = profile_.scopes.rules[scope.rule];
    const std::string name =
        clean(rule.name) + " " + std::to_string(scope.number);
    if (!rule.is_process_wide) {
      Json slice = event("X", name, scope.begin_ns);
      slice["dur"] = micros(scope.end_ns - scope.begin_ns);
      slice["tid"] = tid_of(scope);
      slice["cat"] = "scope";
      slice["args"] = facts_of(scope);
      return put(slice);
    }
    for (const char* phase : {"b", "e"}) {
      const bool begins = *phase == 'b';
      Json slice = event(phase, name, begins ? scope.begin_ns : scope.end_ns);
      slice["tid"] = tid_of(scope);
      slice["cat"] = "scope";
      slice["id"] = index;
      if (begins) slice["args"] = facts_of(scope);
      put(slice);
    }
  }

  void write_snapshot(const model::Snapshot& snapshot) {
    Json json = event("i", clean(snapshot.label), snapshot.time_ns);
    json["s"] = "p";
    json["args"]["live_bytes"] = snapshot.live_bytes;
    put(json);
  }

  report::Output& out_;
  const model::Profile& profile_;
  const char* separator_ = "\n";
};

}  // namespace

void write_chrome(report::Output& out, const report::Subject& subject,
                  const ExportOptions& /*options*/) {
  Events(out, subject.profile).write();
}

}  // namespace sagemem::exports
