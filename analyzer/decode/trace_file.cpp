// SPDX-License-Identifier: Apache-2.0
#include "decode/trace_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "decode/symbol_section.h"
#include "decode/trace_error.h"

namespace sagemem::decode {
namespace {

constexpr std::size_t kMaxSpoolPath = 4096;  // PATH_MAX

// The path that a stub file names, or nothing when it is no stub.
std::optional<std::filesystem::path> spool_path(const ByteSource& source) {
  constexpr std::string_view magic = trace::kSpoolMagic;
  std::string text(magic.size() + kMaxSpoolPath, '\0');
  const std::size_t got = source.read(
      0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.resize(got);
  if (!text.starts_with(magic)) return std::nullopt;
  const std::size_t end = text.find('\n');
  if (end == std::string::npos || end == magic.size()) {
    throw TraceError(0, "a stub for a spooled trace, but without its path");
  }
  return text.substr(magic.size(), end - magic.size());
}

std::unique_ptr<ByteSource> open_spool(const std::filesystem::path& stub,
                                       const std::filesystem::path& spool) {
  try {
    // A relative name would be one beside the stub, whatever directory the
    // report is run in.
    return open_file(stub.parent_path() / spool);
  } catch (const TraceError& error) {
    throw TraceError(0, fmt::format("a stub for the spool {}: {}",
                                    spool.string(), error.what()));
  }
}

// The descriptor that a name stands for.
std::optional<int> descriptor_of(const std::string& name) {
  if (name == "-" || name == "/dev/stdin") return STDIN_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!name.starts_with(folder)) continue;
    int fd = -1;
    const char* const end = name.data() + name.size();
    const auto [rest, error] =
        std::from_chars(name.data() + folder.size(), end, fd);
    if (error == std::errc() && rest == end && fd >= 0) return fd;
  }
  return std::nullopt;
}

// Where the file of a descriptor is, so that what lies beside it is found; for
// one that has no name any more a way that leads to it all the same.
std::filesystem::path path_of(int fd) {
  const std::filesystem::path way = fmt::format("/proc/self/fd/{}", fd);
  std::error_code error;
  const auto path = std::filesystem::read_symlink(way, error);
  const bool is_same =
      !error && std::filesystem::equivalent(path, way, error) && !error;
  return is_same ? path : way;
}

trace::FileHeader read_header(const ByteSource& source) {
  trace::FileHeader header{};
  std::uint8_t bytes[sizeof header];
  const std::size_t got = source.read(0, bytes);
  if (got < sizeof header.magic ||
      std::memcmp(bytes, trace::kMagic, sizeof trace::kMagic) != 0) {
    throw TraceError(0, "not a sagemem trace");
  }
  if (got < sizeof header) {
    throw TraceError(got, "the file ends inside its header");
  }
  std::memcpy(&header, bytes, sizeof header);
  return header;
}

void check_header(const trace::FileHeader& header) {
  if (header.version_major != trace::kVersionMajor) {
    throw TraceError(offsetof(trace::FileHeader, version_major),
                     fmt::format("trace format {}.{}; this program reads {}.x",
                                 header.version_major, header.version_minor,
                                 trace::kVersionMajor));
  }
  if (header.header_bytes != trace::kHeaderBytes) {
    throw TraceError(offsetof(trace::FileHeader, header_bytes),
                     fmt::format("header of {} bytes instead of {}",
                                 header.header_bytes, trace::kHeaderBytes));
  }
  if (header.unit_bytes != trace::kUnitBytes) {
    throw TraceError(offsetof(trace::FileHeader, unit_bytes),
                     fmt::format("units of {} bytes instead of {}",
                                 header.unit_bytes, trace::kUnitBytes));
  }
}

// Nothing when TRACE.pack is not there, or that of another run.
std::unique_ptr<ByteSource> open_side(const std::filesystem::path& path) {
  std::filesystem::path side = path;
  side += trace::kPackSuffix;
  try {
    return open_file(side);
  } catch (const TraceError&) {
    return nullptr;
  }
}

// The header of TRACE.pack, when it is one and belongs to `trace`.
std::optional<trace::FileHeader> read_side_header(
    const ByteSource& side, const trace::FileHeader& trace) {
  try {
    const trace::FileHeader header = read_header(side);
    check_header(header);
    if ((header.flags & trace::kFlagPacked) != 0 && header.pid == trace.pid &&
        header.start_realtime_ns == trace.start_realtime_ns &&
        header.start_ticks == trace.start_ticks) {
      return header;
    }
  } catch (const TraceError&) {
    // Some other file of that name.
  }
  return std::nullopt;
}

}  // namespace

TraceFile TraceFile::open(const std::filesystem::path& path) {
  if (const auto fd = descriptor_of(path.string())) {
    struct stat status {};
    if (::fstat(*fd, &status) != 0) throw TraceError(0, std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return TraceFile(spool_pipe(*fd));
    return open_named(path_of(*fd));
  }
  return open_named(path);
}

TraceFile TraceFile::open_named(const std::filesystem::path& path) {
  std::unique_ptr<ByteSource> source = open_shared_file(path);
  if (const auto spool = spool_path(*source)) {
    TraceFile file(open_spool(path, *spool));
    file.is_spooled_ = true;
    return file;
  }
  return TraceFile(std::move(source), open_side(path));
}

TraceFile::TraceFile(std::unique_ptr<ByteSource> source,
                     std::unique_ptr<ByteSource> side)
    : source_(std::move(source)),
      side_(std::move(side)),
      header_(read_header(*source_)) {
  check_header(header_);
  source_->look_again();
  PackIndex packs = find_packs();
  index_ = index_segments(is_packed() ? nullptr : source_.get(), header_,
                          std::move(packs));
  if (index_.writers.empty()) {
    throw TraceError(trace::kHeaderBytes, "no segment that can be read");
  }
  clock_ = TickClock(header_, index_);
}

PackIndex TraceFile::find_packs() {
  const ByteSource* source = is_packed() ? source_.get() : nullptr;
  trace::FileHeader header = header_;
  if (source == nullptr && side_ != nullptr) {
    if (const auto of_side = read_side_header(*side_, header_)) {
      side_->look_again();
      source = side_.get();
      header = *of_side;
    }
  }
  if (source == nullptr) return {};
  packs_ = std::make_unique<PackReader>(*source);
  PackIndex packs = index_packs(*source, header);
  // Found when the trace was packed; not of one that still is being packed.
  if (is_packed()) packs.missing += header.packed_missing;
  return packs;
}

void TraceFile::read(const Segment& segment,
                     std::vector<std::uint8_t>& bytes) const {
  if (segment.is_packed()) {
    const auto content =
        packs_->content(index_.packs[segment.pack], segment.pack);
    if (content.empty()) return bytes.clear();
    const auto records = content.subspan(segment.position, segment.readable);
    return bytes.assign(records.begin(), records.end());
  }
  bytes.resize(segment.readable);
  bytes.resize(source_->read(segment.records_offset(), bytes));
}

std::vector<std::uint8_t> TraceFile::symbol_bytes() const {
  constexpr std::uint64_t mask = trace::kPackAlignment - 1;
  if (!is_packed() || header_.packed_bytes > source_->size()) return {};
  return read_symbol_bytes(*source_, (header_.packed_bytes + mask) & ~mask);
}

}  // namespace sagemem::decode
