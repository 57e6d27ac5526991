// SPDX-License-Identifier: Apache-2.0
//
// Goes through the memory of the process, and hands out the words that may be
// pointers to blocks, as payloads of ScanWords records.
//
//   every mapping that can be read and may be written, but our own memory
//     pages that are there          /proc/self/pagemap
//       words that lead to a heap   heap_targets.h
//         not glibc's own lists     malloc_state.h
//
// Hazard: memory may go at any moment, where threads could not be stopped: all
// is copied by the kernel first (platform/careful_read.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/spin_lock.h"
#include "scan/heap_targets.h"
#include "scan/memory_map.h"
#include "scan/word_writer.h"

namespace sagemem {

struct AddressRange {
  std::uint64_t start;
  std::uint64_t end;
};

// What is to be passed over: memory of ours.
class OwnMemory {
 public:
  OwnMemory() noexcept = default;
  ~OwnMemory() { give_pages(ranges_, bytes_); }
  OwnMemory(const OwnMemory&) = delete;
  OwnMemory& operator=(const OwnMemory&) = delete;

  // False: no memory.
  bool reserve(std::size_t count) noexcept;
  void add(std::uint64_t start, std::uint64_t end) noexcept;
  // Our file may be mapped, too.
  void set_file(std::uint64_t device, std::uint64_t inode) noexcept {
    device_ = device;
    inode_ = inode;
  }
  // When all is added.
  void sort() noexcept;

  // The first one that ends behind `address`; without one, an empty range at
  // the end of all addresses.
  [[nodiscard]] AddressRange after(std::uint64_t address) const noexcept;
  [[nodiscard]] bool is_file(const Region& region) const noexcept;
  [[nodiscard]] AddressRange itself() const noexcept {
    const auto start = reinterpret_cast<std::uint64_t>(ranges_);
    return {start, start + bytes_};
  }

 private:
  AddressRange* ranges_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t capacity_ = 0;
  std::size_t count_ = 0;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

// Where the payloads go.  False: no more.
struct PayloadSink {
  void* owner;
  bool (*write)(void* owner, const WordWriter& payload) noexcept;
};

// Unread: all but what /proc/self/pagemap was needed for.
enum class ScanEnd : std::uint8_t { Complete, Unread, TooLong, Refused };

class WordScan {
 public:
  struct Totals {
    std::uint64_t words;
    std::uint64_t bytes;
    std::uint64_t unread_bytes;
  };

  // Large: in pages of ours.
  static WordScan* create() noexcept;
  static void destroy(WordScan* scan) noexcept;

  ScanEnd run(const MemoryMap& map, HeapTargets& targets, const OwnMemory& own,
              std::int64_t deadline_ns, const PayloadSink& sink) noexcept;
  [[nodiscard]] const Totals& totals() const noexcept { return totals_; }

  [[nodiscard]] static bool is_of_interest(const Region& region) noexcept;

 private:
  static constexpr std::size_t kChunk = 256 * 1024;
  static constexpr std::size_t kWindowPages = 512;

  [[nodiscard]] bool may_read(const Region& region) const noexcept;
  bool scan_region(const Region& region) noexcept;
  bool scan_part(const Region& region, AddressRange part) noexcept;
  bool scan_present(const Region& region, AddressRange part) noexcept;
  bool scan_chunk(const Region& region, std::uint64_t address,
                  std::size_t bytes) noexcept;
  bool keep(const Region& region, std::uint64_t location,
            std::uint64_t value) noexcept;
  bool flush() noexcept;
  bool is_late() noexcept;

  HeapTargets* targets_ = nullptr;
  const OwnMemory* own_ = nullptr;
  const PayloadSink* sink_ = nullptr;
  std::int64_t deadline_ns_ = 0;
  long page_map_ = -1;
  std::uint64_t page_bytes_ = 0;
  bool has_begun_ = false;  // a payload, of the region
  ScanEnd end_ = ScanEnd::Complete;
  Totals totals_{};
  WordWriter writer_;
  std::uint64_t present_[kWindowPages];
  alignas(64) std::uint64_t words_[kChunk / sizeof(std::uint64_t)];
};

}  // namespace sagemem
