// SPDX-License-Identifier: Apache-2.0
//
// The leak scan of a trace, as the replay meets it: keeps the words, and when
// the last record has come, says of each block that is live then what still
// points to it.
//
// Which words are roots is decided here, not by the recorder:
//
//   in a live block                          its content
//   on a stack, beyond the stack pointer     nothing: left over
//   on the stack of a thread that is gone    nothing, but for its thread vector
//   where a block was, and is no more        nothing: the allocator's
//   anywhere else                            a root
//
// Hazard: the ground of a block that the C library had mapped for it alone is
// unmapped when it is released, and may have become anything: see is_mapped().
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "decode/control_record.h"
#include "model/heap_model.h"
#include "model/leak_classes.h"
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
  void end(const decode::ScanEndRecord& record, const HeapModel& heap);

  // Of the blocks that are live at last.  nullptr: no scan was asked for.
  [[nodiscard]] std::shared_ptr<LeakClasses> classes(const HeapModel& heap) &&;

 private:
  struct Region {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    trace::RegionKind kind = trace::RegionKind::Anonymous;
    bool is_guarded = false;
  };
  struct Words {
    Region region;
    std::uint64_t first = 0;
    std::vector<std::uint8_t> bytes;
  };
  struct Thread {
    std::int32_t tid = 0;
    trace::ThreadStop stop = trace::ThreadStop::Own;
    std::uint64_t stack_pointer = 0;
    std::uint64_t thread_pointer = 0;
    std::vector<std::uint8_t> registers;
  };
  // [start, end) holds nothing; but a word at `but` counts.
  struct DeadRange {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint64_t but = 0;
  };

  static bool is_mapped(std::uint64_t address, std::uint64_t size);
  [[nodiscard]] bool has_all_threads() const;
  bool find_dead_stacks();
  void find_dead_parts(const Region& region,
                       const std::vector<std::uint64_t>& descriptors);
  [[nodiscard]] bool is_root(const Region& region,
                             std::uint64_t location) const;
  void keep_live_blocks(const HeapModel& heap);
  void classify();

  bool is_expected_ = false;
  bool is_sound_ = true;
  std::vector<Words> words_;
  std::vector<Thread> threads_;
  std::vector<DeadRange> dead_;
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
