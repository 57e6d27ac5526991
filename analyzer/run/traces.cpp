// SPDX-License-Identifier: Apache-2.0

#include "run/traces.h"

#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <tuple>

#include "decode/shared_lock.h"
#include "run/file_descriptor.h"

namespace sagemem::run {

namespace {

using trace::FileHeader;

// A glob(3) pattern that matches every name that the recorder makes of
// `pattern`, and more.
std::string glob_of(std::string_view pattern) {
  std::string result;
  const auto add = [&](char byte) {
    if (std::strchr("*?[\\", byte) != nullptr) result.push_back('\\');
    result.push_back(byte);
  };
  const auto base = pattern.rfind('/') + 1;  // npos + 1 == 0: no folder
  const auto dot = pattern.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot >= base;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (has_extension && i == dot) result.push_back('*');
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      add(pattern[i]);
    } else if (pattern[++i] == '%') {
      add('%');
    } else {
      result.push_back('*');
    }
  }
  if (!has_extension) result.push_back('*');
  return result;
}

std::vector<std::string> matching_files(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> result;
  // GLOB_PERIOD: a program's name may begin with a dot.
  if (glob(glob_of(pattern).c_str(), GLOB_PERIOD, nullptr, &found) == 0) {
    result.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return result;
}

// O_NONBLOCK: a FIFO of a matching name must not hold us up.
FileDescriptor open_trace(const std::string& path, int mode) {
  return FileDescriptor(open(path.c_str(), mode | O_CLOEXEC | O_NONBLOCK));
}

// The path in a spool stub, or nothing.
std::optional<std::string> read_spool_path(int fd) {
  std::array<char, 4096> buffer{};
  const ssize_t got = pread(fd, buffer.data(), buffer.size(), 0);
  if (got <= 0) return std::nullopt;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  const auto end = text.find('\n');
  if (!text.starts_with(trace::kSpoolMagic) || end == std::string_view::npos) {
    return std::nullopt;
  }
  const auto start = std::strlen(trace::kSpoolMagic);
  return std::string(text.substr(start, end - start));
}

std::optional<FileHeader> read_header(int fd) {
  FileHeader header;
  if (pread(fd, &header, sizeof header, 0) != sizeof header) {
    return std::nullopt;
  }
  const bool ours =
      std::memcmp(header.magic, trace::kMagic, sizeof header.magic) == 0 &&
      header.version_major == trace::kVersionMajor;
  return ours ? std::optional(header) : std::nullopt;
}

std::optional<Trace> read_trace(const std::string& path) {
  std::string data_path = path;
  FileDescriptor file = open_trace(path, O_RDONLY);
  if (!file.valid()) return std::nullopt;
  if (auto spool = read_spool_path(file.get())) {
    data_path = std::move(*spool);
    file = open_trace(data_path, O_RDONLY);
    if (!file.valid()) return std::nullopt;
  }
  const auto header = read_header(file.get());
  if (!header) return std::nullopt;
  return Trace{path, data_path, *header};
}

// Sorted by start, a parent stands before its children.
std::vector<Trace> keep_descendants(std::vector<Trace> traces, pid_t child) {
  std::set<std::int32_t> family = {child};
  std::erase_if(traces, [&](const Trace& candidate) {
    const FileHeader& header = candidate.header;
    if (!family.contains(header.pid) && !family.contains(header.parent_pid)) {
      return true;
    }
    family.insert(header.pid);
    return false;
  });
  return traces;
}

}  // namespace

std::vector<Trace> find_traces(const std::string& pattern, pid_t child,
                               std::int64_t since_ns) {
  std::vector<Trace> traces;
  for (const auto& path : matching_files(pattern)) {
    auto found = read_trace(path);
    if (found && found->header.start_realtime_ns >= since_ns) {
      traces.push_back(std::move(*found));
    }
  }
  const auto order = [](const Trace& one) {
    return std::tie(one.header.start_monotonic_ns, one.path);
  };
  std::sort(traces.begin(), traces.end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return keep_descendants(std::move(traces), child);
}

void mark_signal(const Trace& trace, int signal_number) {
  const auto unknown = static_cast<std::uint32_t>(trace::EndKind::Unknown);
  if (trace.header.end_kind != unknown) return;
  // Locked: a packer is about to give the name to a packed trace, and takes
  // the header along.
  const FileDescriptor file(decode::open_shared(trace.data_path, O_WRONLY));
  // The two fields are neighbours: one write, whole or not at all.
  struct {
    std::uint32_t kind = static_cast<std::uint32_t>(trace::EndKind::Signal);
    std::int32_t status = 0;
  } end;
  static_assert(offsetof(FileHeader, end_status) ==
                offsetof(FileHeader, end_kind) + sizeof end.kind);
  end.status = signal_number;
  const ssize_t written =
      pwrite(file.get(), &end, sizeof end, offsetof(FileHeader, end_kind));
  if (written != sizeof end) {
    throw std::system_error(errno, std::generic_category(), trace.data_path);
  }
}

std::int64_t realtime_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace sagemem::run
