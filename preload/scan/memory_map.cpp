// SPDX-License-Identifier: Apache-2.0
#include "scan/memory_map.h"

#include <cstring>

#include "platform/file.h"
#include "platform/pages.h"

namespace sagemem {

namespace {

using trace::RegionKind;

// "7f00-7f10 rw-p 00000000 08:01 1234   /path": takes it apart from the left.
class Line {
 public:
  Line(const char* at, const char* end) noexcept : at_(at), end_(end) {}

  std::uint64_t number(unsigned base) noexcept {
    std::uint64_t value = 0;
    for (; at_ != end_; ++at_) {
      const unsigned digit = value_of(*at_);
      if (digit >= base) break;
      value = value * base + digit;
    }
    return value;
  }
  char take() noexcept { return at_ == end_ ? '\0' : *at_++; }
  void skip(char what) noexcept {
    while (at_ != end_ && *at_ == what) ++at_;
  }
  [[nodiscard]] bool starts_with(const char* text) const noexcept {
    const std::size_t length = std::strlen(text);
    return static_cast<std::size_t>(end_ - at_) >= length &&
           std::memcmp(at_, text, length) == 0;
  }
  [[nodiscard]] bool is_empty() const noexcept { return at_ == end_; }

 private:
  static unsigned value_of(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') {
      return static_cast<unsigned>(digit - 'a' + 10);
    }
    return ~0u;
  }

  const char* at_;
  const char* end_;
};

RegionKind kind_of(const Line& name, bool is_shared, bool has_file) noexcept {
  if (is_shared) return RegionKind::Shared;
  if (name.starts_with("[heap]")) return RegionKind::Heap;
  if (name.starts_with("[stack]")) return RegionKind::Stack;
  // What mmap(2) with MAP_HUGETLB gives has a file of the kernel's own.
  const bool is_huge = name.starts_with("/anon_hugepage");
  return has_file && !is_huge ? RegionKind::File : RegionKind::Anonymous;
}

// [vvar] and [vdso]; devices, but for what is memory and no device; and what
// files of the kernel may map of them.
bool is_special(const Line& name, bool is_shared) noexcept {
  if (name.starts_with("/dev/")) {
    return !name.starts_with("/dev/zero") && !name.starts_with("/dev/shm/") &&
           !name.starts_with("/dev/hugepages");
  }
  return name.starts_with("[v") ||
         (is_shared &&
          (name.starts_with("/sys/") || name.starts_with("/proc/") ||
           name.starts_with("anon_inode:")));
}

}  // namespace

MemoryMap::~MemoryMap() {
  give_pages(regions_, kBytes);
}

void MemoryMap::add(const char* text, const char* text_end) noexcept {
  if (count_ == kMaxRegions) return;
  Line line(text, text_end);
  Region& region = regions_[count_];
  region.start = line.number(16);
  line.take();
  region.end = line.number(16);
  line.take();
  region.is_readable = line.take() == 'r';
  region.is_writable = line.take() == 'w';
  line.take();
  const bool is_shared = line.take() == 's';
  line.take();
  line.number(16);  // offset
  line.take();
  region.device_major = static_cast<std::uint32_t>(line.number(16));
  line.take();
  region.device_minor = static_cast<std::uint32_t>(line.number(16));
  line.take();
  region.inode = line.number(10);
  line.skip(' ');
  region.kind = kind_of(line, is_shared, region.inode != 0);
  region.is_special = is_special(line, is_shared);
  region.is_guarded = false;
  if (count_ != 0) {
    const Region& before = regions_[count_ - 1];
    region.is_guarded = before.end == region.start && !before.is_readable &&
                        !before.is_writable;
  }
  if (region.start < region.end) ++count_;
}

// The whole lines; what is left moves to the front, and its length is returned.
std::size_t MemoryMap::add_lines(char* text, std::size_t bytes) noexcept {
  const char* line = text;
  const char* const end = text + bytes;
  while (const auto* const newline = static_cast<const char*>(
             std::memchr(line, '\n', static_cast<std::size_t>(end - line)))) {
    add(line, newline);
    line = newline + 1;
  }
  const auto rest = static_cast<std::size_t>(end - line);
  std::memmove(text, line, rest);
  return rest;
}

bool MemoryMap::read() noexcept {
  count_ = 0;
  if (regions_ == nullptr) {
    regions_ = static_cast<Region*>(take_pages(kBytes));
  }
  if (regions_ == nullptr) return false;
  // Of the thread: the first one may have ended, and has no memory any more.
  const long fd = open_file("/proc/thread-self/maps", O_RDONLY);
  if (is_error(fd)) return false;
  auto* const text = reinterpret_cast<char*>(regions_ + kMaxRegions);
  std::size_t filled = 0;
  while (filled != kTextBytes) {
    const long got =
        system_call(SYS_read, fd, text + filled, kTextBytes - filled);
    if (got == -EINTR) continue;
    if (got <= 0) break;
    filled = add_lines(text, filled + static_cast<std::size_t>(got));
  }
  close_file(fd);
  return count_ != 0 && count_ != kMaxRegions && filled == 0;
}

const Region* MemoryMap::find(std::uint64_t address) const noexcept {
  std::size_t from = 0;
  std::size_t to = count_;
  while (from < to) {
    const std::size_t middle = from + (to - from) / 2;
    if (regions_[middle].end <= address) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  if (from == count_ || regions_[from].start > address) return nullptr;
  return regions_ + from;
}

}  // namespace sagemem
