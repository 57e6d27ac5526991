// SPDX-License-Identifier: Apache-2.0
//
// The leak scan of a trace, as the replay meets it: keeps the words, and when
// the last record has come, says of each block that is live then what still
// points to it.
//
// Which words are roots is decided here, not by the recorder:
//
//   in a live block                          its content
//   on a stack                               see stack_parts.h
//   where a block was, and is no more        nothing: the allocator's
//   anywhere else                            a root
//
// Hazards.  (1) The ground of a block that had a mapping for it alone is
// unmapped when it is released, and may have become anything: see is_mapped().
// (2) A hostile trace may have any number of scans.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "decode/control_record.h"
#include "model/heap_model.h"
#include "model/leak_classes.h"
#include "model/stack_parts.h"
#include "model/used_ground.h"

namespace sagemem::model {

class LeakScan {
 public:
  // A block that was live when the scan was made.
  struct LiveBlock {
    std::uint64_t address = 0;
    Block block;
  };

  // The recorder has said that it will scan.
  void expect() { is_expected_ = true; }
  [[nodiscard]] bool is_expected() const { return is_expected_; }

  // While one is expected, of every block.
  void birth(std::uint64_t address, std::uint64_t size);

  void add(const decode::ScanWordsRecord& record);
  void add(const decode::ScanThreadRecord& record);
  // `pid`: of the process.
  void end(const decode::ScanEndRecord& record, const HeapModel& heap,
           std::int32_t pid);

  // Of the blocks that are live at last.  nullptr: no scan was asked for.
  [[nodiscard]] std::shared_ptr<LeakClasses> classes(const HeapModel& heap) &&;

 private:
  // As the recorder: ThreadStopper::kMaxThreads, and its own one.
  static constexpr std::size_t kMaxThreads = 32 * 1024 + 1;
  // There is one; of recorders before, one for each end of the process.
  static constexpr int kMaxScans = 4;

  using Region = StackParts::Region;
  struct Words {
    Region region;
    std::uint64_t first = 0;
    std::vector<std::uint8_t> bytes;
  };
  static bool is_mapped(std::uint64_t size);
  void find_stacks(std::int32_t pid);
  [[nodiscard]] bool is_root(const Region& region,
                             std::uint64_t location) const;
  void keep_live_blocks(const HeapModel& heap);
  void classify();

  bool is_expected_ = false;
  bool is_sound_ = true;
  std::vector<Words> words_;
  int scans_ = 0;
  std::vector<StackParts::Thread> threads_;
  std::vector<std::uint8_t> registers_;  // of all of them
  StackParts stacks_;
  UsedGround ground_;
  UsedGround mapped_ground_;
  std::vector<LiveBlock> blocks_;       // by address
  std::vector<std::uint8_t> class_of_;  // of blocks_: LeakClass
  std::vector<std::uint32_t> leader_of_;
  ScanFacts facts_;
};

// What is live in the end, and was not seen by the scan.
void add_unscanned(LeakClasses& leaks, const std::vector<StackUse>& uses);

}  // namespace sagemem::model
