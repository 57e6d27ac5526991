// SPDX-License-Identifier: Apache-2.0
#include "pack/pack_trace.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <vector>

#include "decode/shared_lock.h"
#include "decode/trace_file.h"
#include "pack/mapped_by.h"
#include "pack/pack_builder.h"
#include "pack/packed_file.h"
#include "pack/temporary_file.h"

namespace sagemem::pack {
namespace {

namespace fs = std::filesystem;

// A trace is packed once and kept for long.  Higher levels are several times
// slower and gain a few percent.
constexpr int kLevel = 12;

[[noreturn]] void throw_errno(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

std::vector<const decode::Segment*> in_order(const decode::TraceFile& file) {
  std::vector<const decode::Segment*> segments;
  for (const decode::Writer& writer : file.writers()) {
    for (const decode::Segment& segment : writer.segments) {
      segments.push_back(&segment);
    }
  }
  // Stable: writers with the same clock reading stay in the order of their
  // numbers, so that packing gives the same bytes each time.
  std::stable_sort(segments.begin(), segments.end(),
                   [](const decode::Segment* a, const decode::Segment* b) {
                     return a->start_ticks < b->start_ticks;
                   });
  return segments;
}

namespace {

void write_packs(const decode::TraceFile& file, PackedFile& out) {
  PackBuilder builder(kLevel);
  std::vector<std::uint8_t> records;
  for (const decode::Segment* segment : in_order(file)) {
    file.read(*segment, records);
    if (!builder.has_room(records.size())) out.append(builder.finish());
    builder.add(segment->header, records);
  }
  if (!builder.empty()) out.append(builder.finish());
}

}  // namespace

std::uint64_t write_packed(const decode::TraceFile& file, int fd,
                           const MakeSymbols& symbols) {
  trace::FileHeader header = file.header();
  header.packed_missing = 0;
  PackedFile packed(fd, header);
  write_packs(file, packed);
  packed.append_symbols(symbols ? symbols(file) : file.symbol_bytes());
  // Gaps show again; what stood in them does not.
  header.packed_missing = file.index().missing - file.index().gaps;
  packed.finish(header);
  return packed.bytes();
}

namespace {

fs::path side_of(fs::path path) {
  return path += trace::kPackSuffix;
}

class ExclusiveLock {
 public:
  explicit ExclusiveLock(const fs::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw_errno(path);
    if (decode::lock_file(fd_, true, 10)) return;
    ::close(fd_);
    throw PackRefused("it is being read, and half of it is in " +
                      side_of(path).string());
  }
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;
  ~ExclusiveLock() { ::close(fd_); }

 private:
  int fd_;
};

std::uint64_t disk_bytes(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

void check_in_place(const fs::path& path, const decode::TraceFile& file) {
  if (file.is_spooled()) {
    throw PackRefused("it lies in a spool; say with -o where to put it");
  }
  if (is_mapped_by(file.header().pid, path) == Mapped::Yes) {
    throw PackRefused(
        "its program is still running; with -o, what is there "
        "now is packed");
  }
}

}  // namespace

PackResult pack_trace(const fs::path& path, const fs::path& out,
                      const MakeSymbols& symbols) {
  const fs::path side = side_of(path);
  PackResult result;
  result.bytes_before = disk_bytes(path) + disk_bytes(side);
  std::optional file(decode::TraceFile::open(path));
  const bool in_place = out.empty();
  if (in_place) check_in_place(path, *file);
  if (in_place && file->is_packed() && !symbols) {
    result.was_packed = true;
    result.bytes_after = result.bytes_before;
    return result;
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw_errno(path);

  TemporaryFile temporary(in_place ? path : out);
  result.bytes_after = write_packed(*file, temporary.fd(), symbols);
  if (!in_place || ::access(side.c_str(), F_OK) != 0) {
    temporary.take_name(status.st_mode & 07777);
    return result;
  }
  // Whoever reads the two files must have both of them, or neither.  A packer
  // that is at work on them sees that the name has gone, and leaves.
  file.reset();
  const ExclusiveLock lock(path);
  temporary.take_name(status.st_mode & 07777);
  ::unlink(side.c_str());
  return result;
}

}  // namespace sagemem::pack
