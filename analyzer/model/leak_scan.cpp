// SPDX-License-Identifier: Apache-2.0
#include "model/leak_scan.h"

#include <tsl/robin_map.h>

#include <algorithm>
#include <map>
#include <utility>

#include "decode/scan_words.h"
#include "model/leak_graph.h"

namespace sagemem::model {

using trace::RegionKind;

namespace {

constexpr std::uint64_t kWord = sizeof(std::uint64_t);
// The C library's arenas begin at multiples of this (glibc, malloc/arena.c,
// HEAP_MAX_SIZE).
constexpr std::uint64_t kArenaAlignment = std::uint64_t{64} << 20;
// From such a size on a block may be mapped by itself: the least value that
// glibc's threshold begins with (mallopt(3), M_MMAP_THRESHOLD).
constexpr std::uint64_t kMappedSize = 128 * 1024;

// The block that an address lies in, out of blocks by address.
class BlockFinder {
 public:
  explicit BlockFinder(const std::vector<LeakScan::LiveBlock>& blocks)
      : blocks_(blocks) {}

  static constexpr std::uint32_t kNone = 0xffffffff;

  [[nodiscard]] std::uint32_t find(std::uint64_t address) const {
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), address,
        [](std::uint64_t value, const LeakScan::LiveBlock& block) {
          return value < block.address;
        });
    if (after == blocks_.begin()) return kNone;
    const auto& found = *std::prev(after);
    // A block of no bytes has an address all the same.
    const std::uint64_t size = std::max(found.block.size, std::uint64_t{1});
    if (address - found.address >= size) return kNone;
    return static_cast<std::uint32_t>(std::prev(after) - blocks_.begin());
  }

 private:
  const std::vector<LeakScan::LiveBlock>& blocks_;
};

}  // namespace

// It may be in a mapping of its own.  The address does not tell: an aligned
// block lies anywhere in its mapping.
bool LeakScan::is_mapped(std::uint64_t size) {
  return size >= kMappedSize;
}

void LeakScan::birth(std::uint64_t address, std::uint64_t size) {
  (is_mapped(size) ? mapped_ground_ : ground_).add(address, size);
}

void LeakScan::add(const decode::ScanWordsRecord& record) {
  Words words;
  words.region = {record.start, record.end, record.kind,
                  (record.flags & trace::kRegionIsGuarded) != 0};
  words.first = record.first;
  words.bytes.assign(record.words.begin(), record.words.end());
  words_.push_back(std::move(words));
}

void LeakScan::add(const decode::ScanThreadRecord& record) {
  if (threads_.size() == kMaxThreads) {
    is_sound_ = false;
    return;
  }
  is_sound_ = is_sound_ && decode::each_scan_register(record.registers,
                                                      [](std::uint64_t) {});
  threads_.push_back(
      {record.tid, record.stop, record.stack_pointer, record.thread_pointer});
  registers_.insert(registers_.end(), record.registers.begin(),
                    record.registers.end());
}

void LeakScan::end(const decode::ScanEndRecord& record, const HeapModel& heap,
                   std::int32_t pid) {
  is_expected_ = true;
  if (++scans_ > kMaxScans) {
    is_sound_ = false;
    facts_.is_whole = false;
  } else {
    facts_.outcome = record.outcome;
    facts_.records = record.records;
    facts_.words = record.words;
    facts_.bytes = record.bytes;
    facts_.unread_bytes = record.unread_bytes;
    facts_.elapsed_ns = record.elapsed_ns;
    facts_.threads = record.threads;
    facts_.missed_threads = record.missed_threads;
    keep_live_blocks(heap);
    find_stacks(pid);
    classify();
    facts_.is_whole =
        is_sound_ && record.records == words_.size() + threads_.size();
  }
  words_.clear();
  threads_.clear();
  registers_.clear();
}

void LeakScan::keep_live_blocks(const HeapModel& heap) {
  blocks_.clear();
  heap.each_block([this](std::uint64_t address, const Block& block) {
    blocks_.push_back({address, block});
  });
  std::sort(blocks_.begin(), blocks_.end(),
            [](const LiveBlock& a, const LiveBlock& b) {
              return a.address < b.address;
            });
}

// --------------------------------------------------------------------- roots

// A thread's descriptor is known by the two words of it that hold its own
// address (glibc, sysdeps/x86_64/nptl/tls.h: tcb and self).
void LeakScan::find_stacks(std::int32_t pid) {
  std::map<std::uint64_t, std::pair<Region, std::vector<std::uint64_t>>> all;
  for (const Words& words : words_) {
    auto& [region, descriptors] = all[words.region.start];
    region = words.region;
    std::uint64_t last = 0;
    const bool is_sound = decode::each_scan_word(
        words.first, words.bytes,
        [&, &found = descriptors](std::uint64_t location, std::uint64_t value) {
          if (location == value) last = location;
          if (last != 0 && value == last && location == last + 2 * kWord) {
            found.push_back(last);
          }
        });
    is_sound_ = is_sound_ && is_sound;
  }
  // Who stands in a block stands on no mapping that would be a stack.
  const BlockFinder finder(blocks_);
  for (StackParts::Thread& thread : threads_) {
    if (finder.find(thread.stack_pointer) != BlockFinder::kNone)
      thread.stack_pointer = 0;
  }
  stacks_ = StackParts(threads_, pid);
  for (const auto& [start, one] : all) stacks_.add(one.first, one.second);
  stacks_.sort();
}

bool LeakScan::is_root(const Region& region, std::uint64_t location) const {
  const StackParts::Use use = stacks_.use_of(location);
  if (use != StackParts::Use::Unknown) return use == StackParts::Use::Live;
  switch (region.kind) {
    case RegionKind::Heap:
      return !ground_.contains(location) && !mapped_ground_.contains(location);
    case RegionKind::Anonymous:
      if (ground_.contains(location)) return false;
      return region.start % kArenaAlignment != 0 ||
             !mapped_ground_.contains(location);
    case RegionKind::Stack:
    case RegionKind::File:
    case RegionKind::Shared:
      break;
  }
  return true;
}

// ------------------------------------------------------------------- classes

void LeakScan::classify() {
  const BlockFinder finder(blocks_);
  LeakGraph graph(blocks_.size());
  for (const Words& words : words_) {
    decode::each_scan_word(words.first, words.bytes,
                           [&](std::uint64_t location, std::uint64_t value) {
                             const std::uint32_t to = finder.find(value);
                             if (to == BlockFinder::kNone) return;
                             const std::uint32_t from = finder.find(location);
                             if (from != BlockFinder::kNone) {
                               graph.add_edge(from, to);
                             } else if (is_root(words.region, location)) {
                               graph.add_root(to);
                             }
                           });
  }
  decode::each_scan_register(registers_, [&](std::uint64_t value) {
    const std::uint32_t to = finder.find(value);
    if (to != BlockFinder::kNone) graph.add_root(to);
  });
  graph.classify();
  class_of_.resize(blocks_.size());
  leader_of_.resize(blocks_.size());
  for (std::uint32_t i = 0; i < blocks_.size(); ++i) {
    class_of_[i] = static_cast<std::uint8_t>(graph.class_of(i));
    leader_of_[i] = graph.leader_of(i);
  }
}

void add_unscanned(LeakClasses& leaks, const std::vector<StackUse>& uses) {
  leaks.stacks.resize(uses.size());
  for (StackId stack = 0; stack < uses.size(); ++stack) {
    LeakAmount rest{uses[stack].live_blocks, uses[stack].live_bytes};
    for (const LeakAmount& amount : leaks.stacks[stack].of_class) {
      rest.blocks -= amount.blocks;
      rest.bytes -= amount.bytes;
    }
    leaks.stacks[stack][LeakClass::NotScanned] = rest;
    leaks.total[LeakClass::NotScanned].add(rest);
  }
}

std::shared_ptr<LeakClasses> LeakScan::classes(const HeapModel& heap) && {
  if (!is_expected_) return nullptr;
  auto result = std::make_shared<LeakClasses>();
  result->scan = facts_;
  const bool is_complete = facts_.is_complete();
  const BlockFinder finder(blocks_);
  std::map<std::pair<StackId, StackId>, LeakAmount> indirect;
  heap.each_block([&](std::uint64_t address, const Block& block) {
    if (!block.is_counted()) return;
    const std::uint32_t found = finder.find(address);
    if (found == BlockFinder::kNone) return;
    // Another one, which was born since.
    const LiveBlock& seen = blocks_[found];
    if (seen.address != address || seen.block.size != block.size ||
        seen.block.stack != block.stack) {
      return;
    }
    const auto which = static_cast<LeakClass>(class_of_[found]);
    if (!is_complete && which != LeakClass::Reachable) return;
    if (block.stack >= result->stacks.size())
      result->stacks.resize(block.stack + std::size_t{1});
    const LeakAmount one{1, block.size};
    result->stacks[block.stack][which].add(one);
    result->total[which].add(one);
    if (which == LeakClass::IndirectlyLost) {
      const StackId leader = blocks_[leader_of_[found]].block.stack;
      indirect[{leader, block.stack}].add(one);
    }
  });
  for (const auto& [key, amount] : indirect)
    result->indirect.push_back({key.first, key.second, amount});
  return result;
}

}  // namespace sagemem::model
