// SPDX-License-Identifier: Apache-2.0
#include "transport/trace_output.h"

#define XXH_INLINE_ALL
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "platform/file.h"
#include "transport/disk_space.h"
#include "transport/spool.h"

namespace sagemem {

namespace {

// Reserved ahead of need: one fallocate for some 16 segments of a small
// program, 256 of a large one.  Bounded, because a killed program leaves it.
constexpr std::uint64_t kSmallBatch = 1u << 20;
constexpr std::uint64_t kLargeBatch = 16u << 20;

long map_shared(long fd, std::uint64_t offset, std::size_t bytes) noexcept {
  return system_call(SYS_mmap, nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_SHARED, fd, static_cast<long>(offset));
}

bool is_same_file(long fd, std::uint64_t device, std::uint64_t inode) noexcept {
  struct stat status {};
  // fstat through libc would be the target's to interpose; the raw call fills
  // the kernel's struct, which is the same on 64-bit Linux.
  if (system_call(SYS_fstat, fd, &status) != 0) return false;
  return status.st_dev == device && status.st_ino == inode;
}

// Out of the way of descriptors that the target counts on (the first one that
// it opens is 3), but within a soft limit of 1024.
long move_descriptor_up(long fd) noexcept {
  for (long lowest : {900L, 200L, 50L, 10L}) {
    const long high = system_call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, lowest);
    if (!is_error(high)) {
      close_file(fd);
      return high;
    }
  }
  return fd;
}

}  // namespace

int TraceOutput::open(const PathText& path,
                      const char* spool_directory) noexcept {
  int error = create(path);
  if (error != 0) return error;
  error = map_header();
  if (error == ENODEV || error == EACCES || error == EINVAL ||
      error == EOPNOTSUPP) {
    return open_spool(path, spool_directory);
  }
  if (error != 0) {
    system_call(SYS_unlinkat, AT_FDCWD, path_.c_str(), 0);
    close_file(fd_);
    fd_ = -1;
  }
  return error;
}

int TraceOutput::create(const PathText& path) noexcept {
  const long fd =
      open_file(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  if (is_error(fd)) return static_cast<int>(-fd);
  struct stat status {};
  system_call(SYS_fstat, fd, &status);
  fd_ = move_descriptor_up(fd);
  device_ = status.st_dev;
  inode_ = status.st_ino;
  reserved_ = 0;
  path_ = path;
  return 0;
}

int TraceOutput::map_header() noexcept {
  const int error = reserve(trace::kUnitBytes);
  if (error != 0) return error;
  const long mapped = map_shared(fd_, 0, trace::kUnitBytes);
  if (is_error(mapped)) return static_cast<int>(-mapped);
  header_ = reinterpret_cast<trace::FileHeader*>(mapped);
  next_unit_ = 1;
  return 0;
}

// The file at `path` exists, empty, and can not be mapped.  It becomes a stub
// that leads a reader to the spool.
int TraceOutput::open_spool(const PathText& path,
                            const char* directory) noexcept {
  const long stub = fd_;
  int error = ENOENT;
  PathText spool;
  for (std::uint32_t candidate = 0;
       error != 0 && spool_path(directory, candidate, spool); ++candidate) {
    error = create(spool);
    if (error != 0) continue;
    error = map_header();
    if (error != 0) {
      system_call(SYS_unlinkat, AT_FDCWD, spool.c_str(), 0);
      close_file(fd_);
    }
  }
  if (error == 0 && !write_spool_stub(stub, path_)) error = EIO;
  close_file(stub);
  if (error != 0) {
    system_call(SYS_unlinkat, AT_FDCWD, path.c_str(), 0);
    fd_ = -1;
    return error;
  }
  spooled_ = true;
  target_ = path;
  return 0;
}

Segment TraceOutput::first_segment() const noexcept {
  auto* base = reinterpret_cast<std::uint8_t*>(header_);
  Segment segment;
  segment.header =
      reinterpret_cast<trace::SegmentHeader*>(base + trace::kHeaderBytes);
  segment.header->bytes = trace::kUnitBytes - trace::kHeaderBytes;
  segment.records = base + trace::kHeaderBytes + sizeof(trace::SegmentHeader);
  segment.end = base + trace::kUnitBytes;
  return segment;
}

bool TraceOutput::take_locked(std::uint32_t units, Segment& out,
                              TakeError& error) noexcept {
  const std::size_t bytes = std::size_t{units} * trace::kUnitBytes;
  const std::uint64_t offset = next_unit_ * trace::kUnitBytes;
  if (limit_ != 0 && offset + bytes > limit_) {
    error = {trace::StopReason::SizeLimit, 0};
    return false;
  }
  const int failed = reserve(offset + bytes);
  if (failed != 0) {
    const bool is_limit = failed == EFBIG;
    error = {is_limit ? trace::StopReason::FileSizeLimit
                      : trace::StopReason::NoSpace,
             failed};
    return false;
  }
  // Asked again: with space in reserve, reserve() has not looked at it.
  const long fd = descriptor();
  if (!is_error(fd)) warm_up(fd, offset, offset + bytes);
  const long mapped = is_error(fd) ? fd : map_shared(fd, offset, bytes);
  if (is_error(mapped)) {
    error = {trace::StopReason::MapFailed, static_cast<int>(-mapped)};
    return false;
  }
  next_unit_ += units;
  std::atomic_ref(header_->next_unit)
      .store(next_unit_, std::memory_order_relaxed);
  out.header = reinterpret_cast<trace::SegmentHeader*>(mapped);
  out.records =
      reinterpret_cast<std::uint8_t*>(mapped) + sizeof(trace::SegmentHeader);
  out.end = reinterpret_cast<std::uint8_t*>(mapped) + bytes;
  out.header->bytes = static_cast<std::uint32_t>(bytes);
  // Whoever finds a writer that names the segment, in a fork child, finds its
  // size: see drop().
  std::atomic_thread_fence(std::memory_order_release);
  return true;
}

void TraceOutput::seal(Segment& segment) noexcept {
  trace::SegmentHeader* header = segment.header;
  header->checksum = XXH3_64bits(segment.records, header->committed);
  // Release: a reader that sees `sealed` sees the checksum.
  std::atomic_ref(header->sealed).store(1, std::memory_order_release);
  drop(segment);
}

void TraceOutput::drop(Segment& segment) noexcept {
  trace::SegmentHeader* const header = segment.header;
  if (header == nullptr) return;
  const std::uint32_t bytes = header->bytes;
  // Before the pages go: a fork child drops what its parent's writers name,
  // and must never find a name without pages behind it.  Release: the compiler
  // may not move the store behind the system call, and fork copies what a
  // processor has stored in that order.
  std::atomic_ref(segment.header).store(nullptr, std::memory_order_release);
  // The session's first segment shares its mapping with the header, which
  // stays; it is the only one that is not made of whole units.
  if (bytes % trace::kUnitBytes == 0) {
    system_call(SYS_munmap, header, std::size_t{bytes});
  }
}

// Makes sure that the file has disk blocks up to `end`.  Returns 0 or an errno
// value; EFBIG: the process's file size limit.
int TraceOutput::reserve(std::uint64_t end) noexcept {
  if (end <= reserved_) return 0;
  const long fd = descriptor();
  if (is_error(fd)) return static_cast<int>(-fd);
  const std::uint64_t batch =
      closed_ ? 0 : (reserved_ < kLargeBatch ? kSmallBatch : kLargeBatch);
  std::uint64_t wished = std::max(end, reserved_ + batch);
  if (limit_ != 0) wished = std::max(end, std::min(wished, limit_));
  int error = 0;
  // Near the end of the disk or of the limit a whole batch may not fit where
  // one segment does.
  for (const std::uint64_t size : {wished, end}) {
    error = reserve_disk_space(fd, reserved_, size);
    if (error == 0) {
      reserved_ = size;
      return 0;
    }
  }
  return error;
}

// A descriptor of the file that we made, or -errno.
long TraceOutput::descriptor() noexcept {
  if (fd_ >= 0 && is_same_file(fd_, device_, inode_)) return fd_;
  const long fd = open_file(path_.c_str(), O_RDWR | O_NOFOLLOW);
  if (is_error(fd)) {
    fd_ = -1;
    return fd;
  }
  if (!is_same_file(fd, device_, inode_)) {
    close_file(fd);
    fd_ = -1;
    return -ESTALE;
  }
  fd_ = move_descriptor_up(fd);
  return fd_;
}

void TraceOutput::close() noexcept {
  SpinGuard guard(lock_);
  closed_ = true;
  const long fd = descriptor();
  if (is_error(fd)) return;
  const std::uint64_t used = next_unit_ * trace::kUnitBytes;
  if (used < reserved_ &&
      !is_error(system_call(SYS_ftruncate, fd, static_cast<long>(used)))) {
    reserved_ = used;
  }
  if (spooled_) move_spool();
}

// The header and open segments stay mapped to the spool: what is recorded from
// here on (late destructors) is in the copy only if it came before.  The spool
// is removed when the copy is complete.
void TraceOutput::move_spool() noexcept {
  if (copy_spool(descriptor(), next_unit_ * trace::kUnitBytes, target_)) {
    system_call(SYS_unlinkat, AT_FDCWD, path_.c_str(), 0);
  }
}

void TraceOutput::abandon() noexcept {
  if (header_ != nullptr) {
    system_call(SYS_munmap, header_, std::size_t{trace::kUnitBytes});
  }
  if (fd_ >= 0 && is_same_file(fd_, device_, inode_)) close_file(fd_);
}

}  // namespace sagemem
