// SPDX-License-Identifier: Apache-2.0
#include "decode/scan_text.h"

#include <fmt/format.h>

#include <iterator>

#include "decode/scan_words.h"

namespace sagemem::decode {

std::string_view kind_name(trace::RegionKind kind) noexcept {
  switch (kind) {
    case trace::RegionKind::Anonymous:
      return "anonymous";
    case trace::RegionKind::Heap:
      return "heap";
    case trace::RegionKind::Stack:
      return "stack";
    case trace::RegionKind::File:
      return "file";
    case trace::RegionKind::Shared:
      return "shared";
  }
  return "unknown";
}

std::string_view stop_name(trace::ThreadStop stop) noexcept {
  switch (stop) {
    case trace::ThreadStop::Own:
      return "own";
    case trace::ThreadStop::Stopped:
      return "stopped";
    case trace::ThreadStop::Missed:
      return "missed";
    case trace::ThreadStop::Gone:
      return "gone";
  }
  return "unknown";
}

std::string_view outcome_name(trace::ScanOutcome outcome) noexcept {
  switch (outcome) {
    case trace::ScanOutcome::Complete:
      return "complete";
    case trace::ScanOutcome::ThreadsMissed:
      return "threads_missed";
    case trace::ScanOutcome::NoMap:
      return "no_map";
    case trace::ScanOutcome::NoMemory:
      return "no_memory";
    case trace::ScanOutcome::TooLong:
      return "too_long";
    case trace::ScanOutcome::TooLarge:
      return "too_large";
    case trace::ScanOutcome::Unread:
      return "unread";
  }
  return "unknown";
}

std::string print_scan(const ScanWordsRecord& record) {
  fmt::memory_buffer out;
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "scan_words {:#x}-{:#x} {}", record.start, record.end,
                 kind_name(record.kind));
  if ((record.flags & trace::kRegionIsGuarded) != 0) {
    fmt::format_to(at, " guarded");
  }
  const bool is_sound =
      each_scan_word(record.first, record.words,
                     [at](std::uint64_t location, std::uint64_t value) {
                       fmt::format_to(at, " {:#x}={:#x}", location, value);
                     });
  if (!is_sound) fmt::format_to(at, " torn");
  return fmt::to_string(out);
}

std::string print_scan(const ScanThreadRecord& record) {
  fmt::memory_buffer out;
  const auto at = std::back_inserter(out);
  fmt::format_to(at, "scan_thread {} {} sp {:#x} tp {:#x}", record.tid,
                 stop_name(record.stop), record.stack_pointer,
                 record.thread_pointer);
  const bool is_sound = each_scan_register(
      record.registers,
      [at](std::uint64_t value) { fmt::format_to(at, " {:#x}", value); });
  if (!is_sound) fmt::format_to(at, " torn");
  return fmt::to_string(out);
}

std::string print_scan(const ScanEndRecord& record) {
  return fmt::format(
      "scan_end {} records {} words {} bytes {} unread {} ns {} threads {} "
      "missed {}",
      outcome_name(record.outcome), record.records, record.words, record.bytes,
      record.unread_bytes, record.elapsed_ns, record.threads,
      record.missed_threads);
}

}  // namespace sagemem::decode
