// SPDX-License-Identifier: Apache-2.0
//
// What the user asks for, from SAGEMEM_* variables.  There is no other way to
// configure the recorder: no file, no symbol, so that a run is described by
// its environment.  A value that can not be understood is named on stderr in
// one line and the default is used.
//
// Every variable stands in the table in options.cpp and in sagemem(7).
#pragma once

#include <cstdint>

namespace sagemem {

// For Options::pack_at.
inline constexpr std::uint64_t kPackNever = UINT64_MAX;
// Some ten minutes of a program that does little else than allocate.
inline constexpr std::uint64_t kPackLongTraces = std::uint64_t{1} << 30;

// What may be done to the program's code.
enum class ProbeLimit : std::uint8_t { Auto, Jumps, EntryOnly, None };

struct Options {
  const char* output = "sagemem.%e.%p.smt";  // pattern, see output_name.h
  bool off = false;                          // SAGEMEM_OFF: do nothing at all
  bool follow = true;  // SAGEMEM_FOLLOW: fork children and exec'd programs
  bool quiet = false;  // SAGEMEM_QUIET: no line on stderr, ever
  bool mmap = false;   // SAGEMEM_MMAP: record address space too
  // SAGEMEM_LEAK_SCAN: at the end, what points to blocks is written down.
  bool leak_scan = false;
  // SAGEMEM_STACKS=both: a call stack with every release as well.
  bool free_stacks = false;
  // SAGEMEM_UNWIND=libunwind: every stack from scratch, nothing kept.
  bool use_libunwind = false;
  // SAGEMEM_STAMPS=every: on each event while several threads record.
  bool stamp_every = false;
  // SAGEMEM_MAX_BYTES: the trace grows no longer; 0: no limit.
  std::uint64_t max_bytes = 0;
  // SAGEMEM_SPOOL: where to write while the output can not be mapped.
  const char* spool = nullptr;
  // SAGEMEM_PACK: the trace is packed behind us when it has become so long.
  std::uint64_t pack_at = kPackLongTraces;
  const char* packer = nullptr;  // SAGEMEM_PACKER: the program
  // SAGEMEM_SCOPES: rules, see scope/rules.h; nullptr: the built-in ones.
  const char* scopes = nullptr;
  ProbeLimit probes = ProbeLimit::Auto;  // SAGEMEM_PROBES
};

// Reads `environment` (NAME=VALUE strings, nullptr-terminated; may be nullptr).
// The strings are not copied: they live as long as the process, unless the
// target overwrites its environment block, so use `output` and `spool` at once.
Options read_options(const char* const* environment) noexcept;

// The environment that the process was started with.  Allocations may come
// before libc has set `environ` (from .preinit_array, from the loader).
const char* const* find_environment() noexcept;

// The value of one variable, or nullptr.
const char* environment_value(const char* const* environment,
                              const char* name) noexcept;

}  // namespace sagemem
