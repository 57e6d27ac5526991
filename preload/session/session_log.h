// SPDX-License-Identifier: Apache-2.0
//
// Writer 0: facts about the process and its modules, written by whichever
// thread learns them.  Its first segment lies behind the file header, so that
// who the trace is about survives damage to anything else.
#pragma once

#include <cstddef>
#include <cstdint>

#include "capture/module_table.h"
#include "encode/record_writer.h"
#include "platform/clock.h"
#include "platform/spin_lock.h"
#include "transport/trace_output.h"

namespace sagemem {

// What a rule reads, and when.
struct CaptureName {
  const char* name;
  bool at_end;
};

struct RuleText {
  std::uint32_t number;
  trace::RuleUse use;
  std::uint64_t flags;  // kRuleIs...
  const char* name;
  const CaptureName* captures;
  std::uint32_t capture_count;
};

struct ProbeText {
  std::uint32_t rule;
  std::uint64_t role;  // kProbeBegins, kProbeEnds
  trace::ProbeMethod method;
  trace::ProbeReason reason;
  std::uint64_t address;
  std::uint64_t size;
  const char* symbol;
};

class SessionLog {
 public:
  void begin(TraceOutput& output, const Clock& clock) noexcept;

  // An Info record; long values are cut to fit half a segment.
  void info(const char* key, const char* value, std::size_t bytes) noexcept;
  void module_loaded(std::uint32_t number, const LoadedObject& object) noexcept;
  void module_unloaded(std::uint32_t number) noexcept;
  void forked(std::int32_t child) noexcept;
  void exec(const char* path) noexcept;
  void rule(const RuleText& text) noexcept;
  void probe(const ProbeText& text) noexcept;

  [[nodiscard]] const ModuleListener& listener() const noexcept {
    return listener_;
  }

 private:
  void write(trace::Control type, const void* payload,
             std::size_t bytes) noexcept;
  bool make_room(std::size_t bytes) noexcept;

  SpinLock lock_;
  TraceOutput* output_ = nullptr;
  const Clock* clock_ = nullptr;
  RecordWriter records_;
  std::uint64_t sequence_ = 0;
  ModuleListener listener_{};
};

}  // namespace sagemem
