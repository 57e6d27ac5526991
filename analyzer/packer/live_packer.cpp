// SPDX-License-Identifier: Apache-2.0
#include "packer/live_packer.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "decode/shared_lock.h"
#include "decode/trace_file.h"
#include "pack/pack_trace.h"

namespace sagemem::packer {
namespace {

using trace::FileHeader;
using trace::SegmentHeader;

// Fast enough for every program that has to be followed: some 200 MB/s of
// records, a tenth longer than what sagemem-report pack makes.
constexpr int kLevel = 3;

constexpr std::chrono::milliseconds kInterval{200};

constexpr std::size_t kPunchedAtOnce = 8;

// How long somebody may read the trace before we leave it as two files.
constexpr int kPatienceSeconds = 600;

template <typename T>
bool read_at(int fd, std::uint64_t offset, T& out) {
  return ::pread(fd, &out, sizeof out, static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(sizeof out);
}

bool is_segment(const SegmentHeader& header) {
  return header.magic == trace::kSegmentMagic && header.bytes != 0 &&
         header.bytes % trace::kUnitBytes == 0 &&
         header.bytes / trace::kUnitBytes <= trace::kMaxSegmentUnits &&
         header.committed <= header.bytes - sizeof header;
}

std::filesystem::path with_suffix(std::filesystem::path path) {
  return path += trace::kPackSuffix;
}

}  // namespace

LivePacker::LivePacker(std::filesystem::path trace, std::int32_t pid)
    : path_(std::move(trace)),
      side_path_(with_suffix(path_)),
      fd_(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)),
      watch_(pid, path_),
      builder_(kLevel) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category());
  if (read_header().pid != pid) throw std::runtime_error("another's trace");
  open_side();
}

LivePacker::~LivePacker() {
  if (side_ >= 0) ::close(side_);
  if (fd_ >= 0) ::close(fd_);
}

// Exclusive: of two packers one leaves.  What the trace of another process of
// this name left behind is of no use to anybody.
void LivePacker::open_side() {
  constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  side_ = ::open(side_path_.c_str(), flags, 0600);
  if (side_ < 0 && errno == EEXIST && is_of_another(read_header())) {
    ::unlink(side_path_.c_str());
    side_ = ::open(side_path_.c_str(), flags, 0600);
  }
  if (side_ < 0) throw std::system_error(errno, std::generic_category());
  out_ = std::make_unique<pack::PackedFile>(side_, read_header());
}

bool LivePacker::is_of_another(const FileHeader& trace) const {
  const int fd = ::open(side_path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  FileHeader header{};
  const bool is_another = fd >= 0 && read_at(fd, 0, header) &&
                          (header.pid != trace.pid ||
                           header.start_realtime_ns != trace.start_realtime_ns);
  if (fd >= 0) ::close(fd);
  return is_another;
}

FileHeader LivePacker::read_header() const {
  FileHeader header{};
  if (!read_at(fd_, 0, header) ||
      std::memcmp(header.magic, trace::kMagic, sizeof header.magic) != 0 ||
      header.version_major != trace::kVersionMajor ||
      (header.flags & trace::kFlagPacked) != 0) {
    throw std::runtime_error("no trace that can be packed");
  }
  return header;
}

void LivePacker::run() {
  constexpr auto exec = static_cast<std::uint32_t>(trace::EndKind::Exec);
  // Asked before each look, so that nothing is written after the last one.
  while (!watch_.has_ended(read_header().end_kind == exec)) {
    pack_sealed();
    watch_.wait(kInterval);
  }
  flush();
  pack_rest();
  take_over();
}

// Goes as far as segments have been begun.  A unit that was handed out and has
// no header yet will have one in a moment.
void LivePacker::pack_sealed() {
  revisit_open();
  const std::uint64_t end = read_header().next_unit * trace::kUnitBytes;
  SegmentHeader header{};
  while (next_ < end && read_at(fd_, next_, header) && is_segment(header)) {
    const Place place{next_, header.bytes};
    if (!pack_segment(place, header)) open_.push_back(place);
    next_ += header.bytes;
  }
  punch();
}

void LivePacker::revisit_open() {
  std::erase_if(open_, [this](const Place& place) {
    SegmentHeader header{};
    return read_at(fd_, place.offset, header) && is_segment(header) &&
           pack_segment(place, header);
  });
}

// False: it is not complete yet.
bool LivePacker::pack_segment(const Place& place, const SegmentHeader& header) {
  if (header.sealed != 1) return false;
  records_.resize(header.committed);
  const auto offset = static_cast<off_t>(place.offset + sizeof header);
  const ssize_t got = ::pread(fd_, records_.data(), records_.size(), offset);
  if (got != static_cast<ssize_t>(records_.size()) ||
      XXH3_64bits(records_.data(), records_.size()) != header.checksum) {
    return false;
  }
  add(header, records_);
  pending_.push_back(place);
  return true;
}

void LivePacker::add(const SegmentHeader& header,
                     std::span<const std::uint8_t> records) {
  if (!builder_.has_room(records.size())) flush();
  builder_.add(header, records);
}

void LivePacker::flush() {
  if (builder_.empty()) return;
  out_->append(builder_.finish());
  packed_.insert(packed_.end(), pending_.begin(), pending_.end());
  pending_.clear();
  punch();
}

// Some at a time, so that readers get the lock in between: on a busy machine it
// takes seconds until the idle class goes on.
void LivePacker::punch() {
  std::span<const Place> places = packed_;
  while (!places.empty() && ::flock(fd_, LOCK_EX | LOCK_NB) == 0) {
    const std::size_t count = std::min(places.size(), kPunchedAtOnce);
    for (const Place& place : places.first(count)) punch(place);
    places = places.subspan(count);
    ::flock(fd_, LOCK_UN);
  }
  packed_.erase(packed_.begin(), packed_.end() - std::ssize(places));
}

// The unit with the header goes last: as long as it stands, a reader knows what
// the zeros behind it are.  Where the file system cannot punch, the space comes
// back at the end.
void LivePacker::punch(const Place& place) const {
  constexpr int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  const auto start = static_cast<off_t>(place.offset);
  constexpr off_t unit = trace::kUnitBytes;
  const off_t rest = static_cast<off_t>(place.bytes) - unit;
  if (rest > 0) ::fallocate(fd_, mode, start + unit, rest);
  ::fallocate(fd_, mode, start, unit);
}

// Everything that is not packed yet, as a reader sees it: open segments, the
// first one of the session, torn ones.
void LivePacker::pack_rest() {
  const auto file = decode::TraceFile::open(path_);
  for (const decode::Segment* segment : pack::in_order(file)) {
    if (segment->is_packed()) continue;
    file.read(*segment, records_);
    add(segment->header, records_);
  }
  if (!builder_.empty()) out_->append(builder_.finish());
  FileHeader header = read_header();
  header.packed_missing = file.index().missing - file.index().gaps;
  out_->finish(header);
}

void LivePacker::take_over() {
  if (!decode::lock_file(fd_, true, kPatienceSeconds)) return;
  struct stat ours {};
  struct stat named {};
  if (::fstat(fd_, &ours) != 0 || ::stat(path_.c_str(), &named) != 0 ||
      ours.st_ino != named.st_ino || ours.st_dev != named.st_dev) {
    return;  // moved, or packed by somebody else
  }
  // Again: sagemem-run may have written how the program ended.
  FileHeader packed{};
  FileHeader header = read_header();
  if (!read_at(side_, 0, packed)) return;
  header.packed_missing = packed.packed_missing;
  out_->finish(header);
  ::fchmod(side_, ours.st_mode & 07777);
  if (::fdatasync(side_) != 0) return;
  ::rename(side_path_.c_str(), path_.c_str());
}

}  // namespace sagemem::packer
