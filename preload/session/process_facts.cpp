// SPDX-License-Identifier: Apache-2.0
#include "session/process_facts.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <climits>
#include <cstring>

#include "build_config.h"
#include "platform/file.h"
#include "session/options.h"

namespace sagemem {

namespace {

// In this order: a launcher sets its own even when started inside Slurm.
constexpr const char* kRankVariables[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK",
                                          "PMI_RANK", "MV2_COMM_WORLD_RANK",
                                          "SLURM_PROCID"};

// What changes allocation behaviour or says where in a job a process stood.
// Prefixes; the rest of the environment may hold secrets and stays out.
constexpr const char* kRecordedVariables[] = {
    "SAGEMEM_",      "LD_PRELOAD=",      "LD_LIBRARY_PATH=",
    "MALLOC_",       "GLIBC_TUNABLES=",  "PYTHONMALLOC=",
    "OMP_",          "OMPI_COMM_WORLD_", "PMI_RANK=",
    "PMI_SIZE=",     "PMIX_RANK=",       "SLURM_JOB_ID=",
    "SLURM_PROCID=", "SLURM_NTASKS=",    "SLURM_NNODES=",
    "SLURM_NODEID=", "SLURM_MEM_PER_",   "MIMALLOC_",
    "JEMALLOC_",     "TCMALLOC_"};

// -1: not a number, or out of range.
std::int32_t parse_rank(const char* text) noexcept {
  if (*text == '\0') return -1;
  std::int64_t value = 0;
  for (; *text != '\0'; ++text) {
    if (*text < '0' || *text > '9') return -1;
    value = value * 10 + (*text - '0');
    if (value > INT32_MAX) return -1;
  }
  return static_cast<std::int32_t>(value);
}

std::int32_t read_rank(const char* const* environment) noexcept {
  for (const char* name : kRankVariables) {
    const char* text = environment_value(environment, name);
    if (text != nullptr && parse_rank(text) >= 0) return parse_rank(text);
  }
  return -1;
}

// Reads a decimal number and steps over it and the blanks behind.
std::uint64_t take_number(const char*& at) noexcept {
  std::uint64_t value = 0;
  for (; *at >= '0' && *at <= '9'; ++at) {
    value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  while (*at == ' ') ++at;
  return value;
}

}  // namespace

void read_process_facts(const char* const* environment,
                        ProcessFacts& out) noexcept {
  char path[PATH_MAX];
  const long length = system_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe",
                                  path, sizeof path - 1);
  if (is_error(length)) {
    out.program.add("unknown");
  } else {
    path[length] = '\0';
    const char* slash = std::strrchr(path, '/');
    out.program.add(slash == nullptr ? path : slash + 1);
  }
  utsname system{};
  system_call(SYS_uname, &system);
  out.host.add(system.nodename);
  out.kernel.add(system.release);
  out.pid = static_cast<std::int32_t>(system_call(SYS_getpid));
  out.parent_pid = static_cast<std::int32_t>(system_call(SYS_getppid));
  out.rank = read_rank(environment);
}

void fill_header(const ProcessFacts& facts, const Clock& clock,
                 std::uint32_t start_counter, std::uint32_t flags,
                 trace::FileHeader& header) noexcept {
  header.version_major = trace::kVersionMajor;
  header.version_minor = trace::kVersionMinor;
  header.header_bytes = trace::kHeaderBytes;
  header.unit_bytes = trace::kUnitBytes;
  header.page_bytes = static_cast<std::uint32_t>(sysconf(_SC_PAGESIZE));
  header.clock_kind = static_cast<std::uint32_t>(clock.kind());
  header.flags = flags;
  header.pid = facts.pid;
  header.parent_pid = facts.parent_pid;
  header.rank = facts.rank;
  header.start_counter = start_counter;
  header.start_realtime_ns = read_clock_ns(CLOCK_REALTIME);
  header.start_monotonic_ns = read_clock_ns(CLOCK_MONOTONIC);
  header.start_ticks = clock.ticks();
  header.next_unit = 1;
  header.writers = 1;
  // Last: a file without the magic is not a trace yet.
  std::atomic_thread_fence(std::memory_order_release);
  std::memcpy(header.magic, trace::kMagic, sizeof header.magic);
}

void write_process_info(const ProcessFacts& facts,
                        const char* const* environment,
                        SessionLog& log) noexcept {
  const auto text = [&log](const char* key, const char* value) {
    log.info(key, value, std::strlen(value));
  };
  // One thread, at the start: static to stay off a small stack.
  static char buffer[16 * 1024];
  log.info(trace::kInfoCommand, buffer,
           read_file("/proc/self/cmdline", buffer, sizeof buffer));
  long length = system_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", buffer,
                            sizeof buffer);
  if (!is_error(length)) {
    log.info(trace::kInfoProgram, buffer, static_cast<std::size_t>(length));
  }
  length = system_call(SYS_getcwd, buffer, sizeof buffer);
  if (!is_error(length)) text(trace::kInfoDirectory, buffer);
  text(trace::kInfoHost, facts.host.c_str());
  text(trace::kInfoKernel, facts.kernel.c_str());
  text(trace::kInfoVersion, kVersion);
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    for (const char* prefix : kRecordedVariables) {
      if (std::strncmp(*environment, prefix, std::strlen(prefix)) == 0) {
        text(trace::kInfoEnvironment, *environment);
        break;
      }
    }
  }
}

Resident read_resident() noexcept {
  // statm: size resident shared ..., in pages; proc(5).
  char text[128];
  const std::size_t size = read_file("/proc/self/statm", text, sizeof text - 1);
  text[size] = '\0';
  const char* at = text;
  take_number(at);
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t resident = take_number(at);
  const std::uint64_t shared = take_number(at);
  return {resident * page, shared * page};
}

std::uint64_t read_peak_resident() noexcept {
  rusage usage{};
  system_call(SYS_getrusage, RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace sagemem
