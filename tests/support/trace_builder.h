// SPDX-License-Identifier: Apache-2.0
//
// Writes trace files for tests, well-formed or deliberately not, from the
// contract headers alone: independent of preload/encode, so that each checks
// the other through the reader.
//
//   TraceBuilder trace;
//   trace.thread(1, 5, 77, "main");
//   trace.alloc(1, 10, 64, 0x1000, {0x401000, 0x402000});
//   trace.free(1, 20, 0x1000);
//   decode::TraceFile file(decode::wrap_bytes(bytes = trace.bytes()));
//
// Segments are handed out in the order in which writers need them, as the
// recorder does.  A writer that needs a new one repeats its Thread record.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sagemem/trace/events.h"
#include "sagemem/trace/format.h"
#include "sagemem/trace/scan.h"

namespace sagemem::test {

using Stack = std::vector<std::uint64_t>;  // outermost first

struct ModuleText {
  std::uint64_t number = 0;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t bias = 0;
  std::vector<std::uint8_t> build_id;
  std::uint64_t flags = 0;
  std::string path;
};

struct CaptureText {
  std::string name;
  bool is_at_end = false;
};

struct RuleText {
  std::uint64_t number = 0;
  trace::RuleUse use = trace::RuleUse::Scope;
  std::uint64_t flags = 0;
  std::string name;
  std::vector<CaptureText> captures;
};

struct ProbeText {
  std::uint64_t rule = 0;
  std::uint64_t roles = 0;
  trace::ProbeMethod method = trace::ProbeMethod::None;
  trace::ProbeReason reason = trace::ProbeReason::None;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::string symbol;
};

struct ScanText {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  trace::RegionKind kind = trace::RegionKind::Anonymous;
  std::uint64_t flags = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> words;
};

struct ScanThreadText {
  std::uint64_t tid = 0;
  trace::ThreadStop stop = trace::ThreadStop::Own;
  std::uint64_t stack_pointer = 0;
  std::uint64_t thread_pointer = 0;
  std::vector<std::uint64_t> registers;
};

// Which of the optional short forms are written; the reader must not care.
struct BuilderOptions {
  std::uint32_t segment_units = 1;
  // A segment is sealed when its records reach this; as long as it is small a
  // few records fill many segments.
  std::uint32_t max_segment_bytes = ~std::uint32_t{0};
  bool use_recent = true;       // name blocks by their slot
  bool use_frame_cache = true;  // and frames
  bool stamp_always = true;     // else only when time has passed
  bool seal_last = true;        // else the last segment of each writer is open
  bool seal_all = true;         // else none is sealed
};

class TraceBuilder {
 public:
  explicit TraceBuilder(const BuilderOptions& options = {});

  trace::FileHeader header{};  // change what you like

  // ------------------------------------------------------------------ events
  void alloc(std::uint32_t writer, std::uint64_t ticks, std::uint64_t size,
             std::uint64_t address, const Stack& stack,
             trace::Api api = trace::Api::Malloc, unsigned alignment_log2 = 0);
  void alloc_failed(std::uint32_t writer, std::uint64_t ticks,
                    std::uint64_t size, const Stack& stack,
                    trace::Api api = trace::Api::Malloc,
                    unsigned alignment_log2 = 0);
  // Without a stack of its own, as the recorder writes it.
  void free(std::uint32_t writer, std::uint64_t ticks, std::uint64_t address,
            trace::Api api = trace::Api::Free);
  void free(std::uint32_t writer, std::uint64_t ticks, std::uint64_t address,
            trace::Api api, const Stack& stack);
  void realloc_begin(std::uint32_t writer, std::uint64_t ticks,
                     std::uint64_t address);
  // Address 0: failed, or with size 0 released.
  void realloc_end(std::uint32_t writer, std::uint64_t ticks,
                   std::uint64_t size, std::uint64_t address,
                   const Stack& stack, trace::Api api = trace::Api::Realloc);
  void map(std::uint32_t writer, std::uint64_t ticks, std::uint64_t size,
           std::uint64_t address, const Stack& stack,
           trace::Api api = trace::Api::Mmap);
  void unmap(std::uint32_t writer, std::uint64_t ticks, std::uint64_t size,
             std::uint64_t address, const Stack& stack,
             trace::Api api = trace::Api::Munmap);

  // ------------------------------------------------------------------ scopes
  using Values = std::vector<std::int64_t>;
  void scope_begin(std::uint32_t writer, std::uint64_t ticks,
                   std::uint64_t rule, const Values& values = {},
                   bool is_process_wide = false);
  void scope_end(std::uint32_t writer, std::uint64_t ticks, std::uint64_t rule,
                 const Values& values = {}, bool is_abandoned = false);
  void label(std::uint32_t writer, std::uint64_t ticks, std::uint64_t rule,
             const Values& values);
  void note(std::uint32_t writer, std::uint64_t ticks, std::uint64_t rule,
            const Values& values);

  // --------------------------------------------------------- control records
  void thread(std::uint32_t writer, std::uint64_t ticks, std::int32_t tid,
              std::string_view name = {});
  void info(std::uint64_t ticks, std::string_view key, std::string_view value);
  void load_module(std::uint64_t ticks, const ModuleText& module);
  void unload_module(std::uint64_t ticks, std::uint64_t number);
  void resident(std::uint64_t ticks, std::uint64_t bytes,
                std::uint64_t shared_bytes = 0);
  void forked(std::uint64_t ticks, std::int32_t child_pid);
  void exec(std::uint64_t ticks, std::string_view path);
  void scope_rule(std::uint64_t ticks, const RuleText& rule);
  void probe(std::uint64_t ticks, const ProbeText& probe);
  void snapshot(std::uint32_t writer, std::uint64_t ticks,
                std::string_view label);
  // Words as (location, value), upwards.
  void scan_words(std::uint32_t writer, std::uint64_t ticks,
                  const ScanText& scan);
  void scan_thread(std::uint32_t writer, std::uint64_t ticks,
                   const ScanThreadText& thread);
  void scan_end(std::uint32_t writer, std::uint64_t ticks,
                trace::ScanOutcome outcome,
                std::span<const std::uint64_t> numbers);
  void control(std::uint32_t writer, std::uint64_t ticks, std::uint8_t type,
               std::string_view payload, bool is_required = false);

  // ------------------------------------------------------------------ damage
  // Record bytes as they are; the delta state is not touched.
  void raw(std::uint32_t writer, std::span<const std::uint8_t> bytes);
  void seal(std::uint32_t writer);  // the next record begins a new segment
  // The segment that the writer fills, begun when there is none.  Its
  // checksum is computed later unless it is sealed here by hand.
  trace::SegmentHeader& segment(std::uint32_t writer);

  // ------------------------------------------------------------------ result
  [[nodiscard]] std::vector<std::uint8_t> bytes() const;
  void write(const std::filesystem::path& path) const;
  [[nodiscard]] std::size_t segments() const { return segments_.size(); }

 private:
  struct SegmentBytes {
    trace::SegmentHeader header{};
    std::uint64_t offset = 0;
    std::vector<std::uint8_t> records;
    bool is_sealed = false;
  };
  struct Writer {
    std::size_t segment = 0;  // index into segments_
    bool has_segment = false;
    std::uint64_t sequence = 0;  // of the next segment
    std::int32_t tid = 0;
    std::string thread_name;
    bool has_thread = false;
    trace::DeltaState delta{};
    Stack stack;
  };
  // A record in the making: the tag is known when its fields are.
  struct Record {
    Writer& writer;
    std::uint8_t tag;
    std::vector<std::uint8_t> fields;
  };

  Record begin(std::uint32_t writer, std::uint64_t ticks, trace::Kind kind,
               std::size_t frames = 0);
  void end(Record& record);
  void put_scope(std::uint32_t writer, std::uint64_t ticks, trace::Kind kind,
                 std::uint8_t flags, std::uint64_t rule, const Values& values);
  void put_api(Record& record, trace::Api& last, trace::Api api) const;
  void put_stack(Record& record, const Stack& stack) const;
  void put_frame(Record& record, std::uint64_t pc, std::uint64_t outer) const;
  void put_new_address(Record& record, std::uint64_t address) const;
  void put_old_address(Record& record, std::uint64_t address) const;
  void begin_segment(std::uint32_t number, Writer& writer, std::uint64_t ticks);
  [[nodiscard]] bool has_room(const Writer& writer, std::size_t bytes) const;

  BuilderOptions options_;
  std::map<std::uint32_t, Writer> writers_;
  std::vector<SegmentBytes> segments_;
  std::uint64_t next_unit_ = 1;
};

}  // namespace sagemem::test
