// SPDX-License-Identifier: Apache-2.0
//
// The trace file as the recorder sees it: the mapped header, and segments that
// are handed out to writers, mapped.
//
//   open()    create, reserve and map unit 0 (header, first session segment)
//   take()    units of the file, reserved on disk, mapped: a Segment
//   seal()    checksum, unmap: the kernel owns the pages from here on
//   close()   give back what was reserved in advance and not handed out
//
// Hazard: writing to a mapped page whose disk block can not be allocated is
// SIGBUS in the target.  So space is reserved (fallocate; zeros written where
// that is not possible) before a segment is mapped, and a failure ends
// recording there.  RLIMIT_FSIZE is asked first: exceeding it is SIGXFSZ.
//
// The descriptor lives at a high number with close-on-exec.  The target may
// close it all the same (daemons close everything) and get the number for a
// file of its own, so before each use it is compared with the file that we
// made, and the file is opened again by its path if it is gone.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "platform/spin_lock.h"
#include "platform/text_buffer.h"
#include "sagemem/trace/format.h"

namespace sagemem {

struct Segment {
  trace::SegmentHeader* header = nullptr;
  std::uint8_t* records = nullptr;  // first record byte
  std::uint8_t* end = nullptr;      // one past the last byte of the segment
};

struct TakeError {
  trace::StopReason reason = trace::StopReason::None;
  int error = 0;  // errno value
};

class TraceOutput {
 public:
  // Creates `path` (absolute, must not exist) or, where the file can not be
  // mapped shared, a spool file in `spool_directory` and a stub at `path`.
  // Returns 0 or an errno value; EEXIST: try another name.
  int open(const PathText& path, const char* spool_directory) noexcept;

  // Segments are handed out up to this size of the file; 0: no limit.  The
  // first unit is there in any case.
  void limit(std::uint64_t bytes) noexcept { limit_ = bytes; }

  [[nodiscard]] trace::FileHeader* header() const noexcept { return header_; }
  [[nodiscard]] bool spooled() const noexcept { return spooled_; }

  [[nodiscard]] std::uint64_t device() const noexcept { return device_; }
  [[nodiscard]] std::uint64_t inode() const noexcept { return inode_; }

  // Absolute, of the file that is written to.
  [[nodiscard]] const char* path() const noexcept { return path_.c_str(); }
  // Handed out so far.  For who needs no exact answer: others may be in take().
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    return std::atomic_ref(header_->next_unit).load(std::memory_order_relaxed) *
           trace::kUnitBytes;
  }

  // The part of unit 0 behind the header, for the session writer.
  [[nodiscard]] Segment first_segment() const noexcept;

  // A zeroed segment of `units` units, its header's sizes filled in.
  bool take(std::uint32_t units, Segment& out, TakeError& error) noexcept {
    SpinGuard guard(lock_);
    return take_locked(units, out, error);
  }
  // For who takes several, and may not wait for anybody in between.
  [[nodiscard]] SpinLock& lock() noexcept { return lock_; }
  bool take_locked(std::uint32_t units, Segment& out,
                   TakeError& error) noexcept;

  // No more records will come: `segment` is complete.  Unmaps it.
  void seal(Segment& segment) noexcept;

  // Unmaps without touching the contents: in a fork child.  `segment` may be
  // of a writer that was between two segments; its header alone tells.
  static void drop(Segment& segment) noexcept;

  // Trims the file; moves a spool to the path that the user asked for.
  void close() noexcept;

  // In a fork child: forget the parent's file without touching it.
  void abandon() noexcept;

 private:
  int create(const PathText& path) noexcept;
  int map_header() noexcept;
  int open_spool(const PathText& path, const char* directory) noexcept;
  void move_spool() noexcept;
  int reserve(std::uint64_t end) noexcept;
  long descriptor() noexcept;

  SpinLock lock_;  // reservation and descriptor
  long fd_ = -1;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  std::uint64_t reserved_ = 0;  // bytes of the file that have disk blocks
  std::uint64_t next_unit_ = 0;
  std::uint64_t limit_ = 0;
  trace::FileHeader* header_ = nullptr;
  bool spooled_ = false;
  bool closed_ = false;  // reserve no more in advance
  PathText path_;        // of the file that is written: output or spool
  PathText target_;      // where a spool belongs
};

}  // namespace sagemem
