// SPDX-License-Identifier: Apache-2.0
#include "decode/text.h"

#include <fmt/format.h>

#include <iterator>
#include <type_traits>
#include <variant>

#include "decode/scan_text.h"
#include "decode/scope_text.h"
#include "sagemem/trace/format.h"

namespace sagemem::decode {
namespace {

using trace::Kind;
using Out = fmt::memory_buffer;

template <typename... Args>
void put(Out& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void put_stack(Out& out, const Event& event, const TextStyle& style) {
  if (!event.has_stack) return;
  const char* separator = " @ ";
  for (const std::uint64_t pc : event.stack) {
    if (style.name_frame) {
      put(out, "{}{}", separator, style.name_frame(pc));
    } else {
      put(out, "{}{:#x}", separator, pc);
    }
    separator = "/";
  }
}

void put_alignment(Out& out, const Event& event) {
  if (event.alignment_log2 == 0) return;
  put(out, " align {}", std::uint64_t{1} << event.alignment_log2);
}

// Bytes that may have spaces behind them on the line: the last field.
void put_rest(Out& out, std::string_view text) {
  if (!text.empty()) put(out, " {}", escape(text));
}

struct ControlPrinter {
  Out& out;
  const Event& event;

  void operator()(const InfoRecord& info) const {
    put(out, "info {}", escape(info.key));
    put_rest(out, info.value);
  }
  void operator()(const ThreadRecord& thread) const {
    put(out, "thread w{}", event.writer);
    put_rest(out, thread.name);
  }
  void operator()(const ModuleLoadRecord& module) const {
    put(out, "module {} {:#x}-{:#x} bias {:#x}", module.number, module.start,
        module.end, module.bias);
    if (!module.build_id.empty()) {
      put(out, " id {:02x}", fmt::join(module.build_id, ""));
    }
    if ((module.flags & trace::kModuleIsExecutable) != 0) put(out, " exe");
    if ((module.flags & trace::kModuleIsRecorder) != 0) put(out, " recorder");
    put_rest(out, module.path);
  }
  void operator()(const ModuleUnloadRecord& module) const {
    put(out, "unload {}", module.number);
  }
  void operator()(const ResidentRecord& resident) const {
    put(out, "resident {} {}", resident.bytes, resident.shared_bytes);
  }
  void operator()(const ForkRecord& fork) const {
    put(out, "fork {}", fork.child_pid);
  }
  void operator()(const ExecRecord& exec) const {
    put(out, "exec");
    put_rest(out, exec.path);
  }
  void operator()(const ScopeRuleRecord& rule) const {
    put(out, "{}", print_rule(rule));
  }
  void operator()(const ProbeRecord& probe) const {
    put(out, "{}", print_probe(probe));
  }
  void operator()(const SnapshotRecord& snapshot) const {
    put(out, "snapshot");
    put_rest(out, snapshot.label);
  }
  void operator()(const ScanWordsRecord& words) const {
    put(out, "{}", print_scan(words));
  }
  void operator()(const ScanThreadRecord& thread) const {
    put(out, "{}", print_scan(thread));
  }
  void operator()(const ScanEndRecord& end) const {
    put(out, "{}", print_scan(end));
  }
};

void put_record(Out& out, const Event& event, const TextStyle& style) {
  const std::string_view api = api_name(event.api);
  switch (event.kind) {
    case Kind::Alloc:
    case Kind::Map:
      put(out, "{} {}", api, event.size);
      put_alignment(out, event);
      put(out, " -> {:#x}", event.address);
      break;
    case Kind::AllocFailed:
      put(out, "{} {}", api, event.size);
      put_alignment(out, event);
      put(out, " -> failed");
      break;
    case Kind::ReallocEnd:
      put(out, "realloc_end {}", event.size);
      if (event.api != trace::Api::Realloc) put(out, " by {}", api);
      put(out, " -> ");
      if (event.address != 0) {
        put(out, "{:#x}", event.address);
      } else {
        put(out, "{}", event.size == 0 ? "released" : "failed");
      }
      break;
    case Kind::Free:
      put(out, "{} {:#x}", api, event.address);
      break;
    case Kind::ReallocBegin:
      put(out, "realloc_begin {:#x}", event.address);
      return;
    case Kind::Unmap:
      put(out, "{} {:#x} {}", api, event.address, event.size);
      break;
    case Kind::ScopeBegin:
    case Kind::ScopeEnd:
    case Kind::Label:
    case Kind::Note:
      put(out, "{}", print_scope_event(event));
      return;
    case Kind::Control:
      std::visit(ControlPrinter{out, event}, *event.control);
      return;
    case Kind::None:
      return;
  }
  put_stack(out, event, style);
}

}  // namespace

std::string print_event(const Event& event, const TextStyle& style) {
  Out out;
  // A stamp from before the start is shown as a negative number.
  put(out, "{} ", static_cast<std::int64_t>(event.ticks - style.start_ticks));
  if (event.writer == trace::kSessionWriter) {
    put(out, "session ");
  } else {
    put(out, "t{} ", event.tid);
  }
  put_record(out, event, style);
  return fmt::to_string(out);
}

std::string_view api_name(trace::Api api) noexcept {
  using trace::Api;
  switch (api) {
    case Api::Unknown:
      break;
    case Api::Malloc:
      return "malloc";
    case Api::Calloc:
      return "calloc";
    case Api::Realloc:
      return "realloc";
    case Api::ReallocArray:
      return "reallocarray";
    case Api::PosixMemalign:
      return "posix_memalign";
    case Api::AlignedAlloc:
      return "aligned_alloc";
    case Api::Memalign:
      return "memalign";
    case Api::Valloc:
      return "valloc";
    case Api::Pvalloc:
      return "pvalloc";
    case Api::OperatorNew:
      return "new";
    case Api::OperatorNewArray:
      return "new[]";
    case Api::Mmap:
      return "mmap";
    case Api::Mremap:
      return "mremap";
    case Api::Brk:
      return "brk";
    case Api::Free:
      return "free";
    case Api::FreeSized:
      return "free_sized";
    case Api::FreeAlignedSized:
      return "free_aligned_sized";
    case Api::OperatorDelete:
      return "delete";
    case Api::OperatorDeleteArray:
      return "delete[]";
    case Api::Munmap:
      return "munmap";
  }
  return "unknown";
}

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '\\') {
      fmt::format_to(std::back_inserter(result), "\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace sagemem::decode
