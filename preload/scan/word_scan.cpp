// SPDX-License-Identifier: Apache-2.0
#include "scan/word_scan.h"

#include <sys/auxv.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <new>

#include "platform/careful_read.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "scan/malloc_state.h"

namespace sagemem {

namespace {

using trace::RegionKind;

constexpr std::uint64_t kPage = 4096;  // at least
constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
// Not to be read where nobody says which pages there are: an arena may be a
// terabyte of address space, and each page would be made to be looked at.
constexpr std::uint64_t kTooLarge = std::uint64_t{64} << 20;
constexpr std::uint64_t kArenaAlignment = std::uint64_t{64} << 20;
// Documentation/admin-guide/mm/pagemap.rst: in memory, or swapped out.
constexpr std::uint64_t kIsThere = std::uint64_t{3} << 62;

}  // namespace

bool OwnMemory::reserve(std::size_t count) noexcept {
  bytes_ = (count * sizeof(AddressRange) + kPage - 1) / kPage * kPage;
  ranges_ = static_cast<AddressRange*>(take_pages(bytes_));
  capacity_ = ranges_ == nullptr ? 0 : bytes_ / sizeof(AddressRange);
  return ranges_ != nullptr;
}

void OwnMemory::add(std::uint64_t start, std::uint64_t end) noexcept {
  if (count_ == capacity_ || start >= end) return;
  constexpr std::uint64_t word = sizeof(std::uint64_t);
  ranges_[count_++] = {start / word * word, (end + word - 1) / word * word};
}

void OwnMemory::sort() noexcept {
  std::sort(ranges_, ranges_ + count_,
            [](const AddressRange& a, const AddressRange& b) noexcept {
              return a.start < b.start;
            });
}

AddressRange OwnMemory::after(std::uint64_t address) const noexcept {
  const AddressRange* const found = std::partition_point(
      ranges_, ranges_ + count_, [address](const AddressRange& one) noexcept {
        return one.end <= address;
      });
  return found == ranges_ + count_ ? AddressRange{kNowhere, kNowhere} : *found;
}

bool OwnMemory::is_file(const Region& region) const noexcept {
  return inode_ != 0 && region.inode == inode_ &&
         makedev(region.device_major, region.device_minor) == device_;
}

WordScan* WordScan::create() noexcept {
  void* const pages = take_pages(sizeof(WordScan));
  return pages == nullptr ? nullptr : new (pages) WordScan;
}

void WordScan::destroy(WordScan* scan) noexcept {
  give_pages(scan, sizeof(WordScan));
}

// What cannot be written holds nothing that the program has put there, unless
// it has no file: then the program has taken the right away.
bool WordScan::is_of_interest(const Region& region) noexcept {
  if (!region.is_readable || region.is_special) return false;
  return region.is_writable || region.kind == RegionKind::Anonymous;
}

ScanEnd WordScan::run(const MemoryMap& map, HeapTargets& targets,
                      const OwnMemory& own, std::int64_t deadline_ns,
                      const PayloadSink& sink) noexcept {
  targets_ = &targets;
  own_ = &own;
  sink_ = &sink;
  deadline_ns_ = deadline_ns;
  page_bytes_ = getauxval(AT_PAGESZ);
  page_map_ = open_file("/proc/thread-self/pagemap", O_RDONLY);
  for (const Region& region : map) {
    if (!is_of_interest(region) || own.is_file(region)) continue;
    if (!may_read(region)) {
      totals_.unread_bytes += region.end - region.start;
      end_ = ScanEnd::Unread;
    } else if (!scan_region(region)) {
      break;
    }
  }
  if (!is_error(page_map_)) close_file(page_map_);
  return end_;
}

// Of what others may fill in as well, only what this process has touched.
bool WordScan::may_read(const Region& region) const noexcept {
  return !is_error(page_map_) || (region.kind != RegionKind::Shared &&
                                  region.end - region.start < kTooLarge);
}

bool WordScan::scan_region(const Region& region) noexcept {
  has_begun_ = false;
  for (std::uint64_t at = region.start; at < region.end;) {
    const AddressRange ours = own_->after(at);
    const std::uint64_t until = std::min(region.end, ours.start);
    if (at < until && !scan_part(region, {at, until})) return false;
    at = std::max(at, std::min(region.end, ours.end));
    if (ours.start == kNowhere) break;
  }
  return flush();
}

bool WordScan::scan_part(const Region& region, AddressRange part) noexcept {
  // A page that is not there may be somebody's to make: userfaultfd(2), FUSE.
  const bool asks = !is_error(page_map_);
  for (std::uint64_t at = part.start; at < part.end;) {
    if (is_late()) return false;
    // What is ours need not begin and end with a page.
    const std::uint64_t pages = (part.end - at) / page_bytes_;
    const bool is_window = asks && at % page_bytes_ == 0 && pages != 0;
    std::uint64_t end =
        std::min(part.end, (at / page_bytes_ + 1) * page_bytes_);
    if (is_window) {
      end = at + std::min<std::uint64_t>(pages, kWindowPages) * page_bytes_;
    } else if (!asks) {
      end = std::min(part.end, at + kChunk);
    }
    const bool goes_on = is_window ? scan_present(region, {at, end})
                                   : scan_chunk(region, at, end - at);
    if (!goes_on) return false;
    at = end;
  }
  return true;
}

// A window: the pages that are there.
bool WordScan::scan_present(const Region& region, AddressRange part) noexcept {
  const std::size_t pages = (part.end - part.start) / page_bytes_;
  const std::size_t bytes = pages * sizeof present_[0];
  const long got = system_call(
      SYS_pread64, page_map_, present_, bytes,
      static_cast<long>(part.start / page_bytes_ * sizeof present_[0]));
  if (got != static_cast<long>(bytes)) {
    std::fill(present_, present_ + pages, kIsThere);
  }
  for (std::size_t i = 0; i < pages;) {
    if ((present_[i] & kIsThere) == 0) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < pages && (present_[end] & kIsThere) != 0 &&
           end - i < kChunk / page_bytes_) {
      ++end;
    }
    if (!scan_chunk(region, part.start + i * page_bytes_,
                    (end - i) * page_bytes_)) {
      return false;
    }
    i = end;
  }
  return true;
}

bool WordScan::scan_chunk(const Region& region, std::uint64_t address,
                          std::size_t bytes) noexcept {
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t got =
        read_carefully(address + done, words_, bytes - done);
    if (got == 0) {
      totals_.unread_bytes += kPage;
      done += kPage - (address + done) % kPage;
      continue;
    }
    const std::size_t count = got / sizeof(std::uint64_t);
    const std::uint64_t start = address + done;
    totals_.bytes += got;
    WordRange passed{0, 0};
    if (region.kind == RegionKind::File || start % kArenaAlignment == 0) {
      passed = find_malloc_state(words_, count, start);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t value = words_[i];
      if (!targets_->contains(value)) continue;
      if (i >= passed.first && i < passed.end) continue;
      if (!keep(region, start + i * sizeof value, value)) return false;
    }
    done += got;
  }
  return true;
}

bool WordScan::keep(const Region& region, std::uint64_t location,
                    std::uint64_t value) noexcept {
  if (has_begun_ && writer_.is_full() && !flush()) return false;
  if (!has_begun_) {
    writer_.begin(region, location);
    has_begun_ = true;
  }
  writer_.add(location, value);
  return true;
}

bool WordScan::flush() noexcept {
  if (!has_begun_) return true;
  has_begun_ = false;
  totals_.words += writer_.words();
  if (sink_->write(sink_->owner, writer_)) return true;
  end_ = ScanEnd::Refused;
  return false;
}

bool WordScan::is_late() noexcept {
  if (read_clock_ns(CLOCK_MONOTONIC) < deadline_ns_) return false;
  end_ = ScanEnd::TooLong;
  return true;
}

}  // namespace sagemem
