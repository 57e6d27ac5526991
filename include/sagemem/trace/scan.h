// SPDX-License-Identifier: Apache-2.0
//
// The leak scan: what memory pointed to when the process ended.  Since version
// 1.2, with SAGEMEM_LEAK_SCAN=1 alone.
//
// The recorder does not know which blocks are live; the trace does.  So it
// writes down every word that may be a pointer to a block, and where it stood,
// and the reader decides what is a root, what a block's content, and what
// nothing but old bytes in free memory.
//
//   Info        kInfoScan "on", at the start: a scan is to be expected
//   ScanWords   words of one mapping that may be pointers; there are many
//   ScanThread  where a thread stood, and its registers; one for each
//   ScanEnd     what became of the scan; none: it did not get that far
//
// All of them are records of the writer whose thread ended the process.  Their
// payloads, all varints but where it says otherwise:
//
//   ScanWords   start and end of the mapping, RegionKind, region flags, address
//               of the first word, and for each word:
//                 distance to the word before in words << 1 | is_recent (the
//                 first: to that address), then
//                 is_recent: one byte, a slot of 256 values seen lately
//                 else: put_address() against the value before, and the value
//                 goes into its slot, DeltaState::recent_slot()
//               Delta state and slots are zero at the start of each record.
//   ScanThread  tid, ThreadStop, stack pointer (0: not known), thread pointer
//               (0: not known), and the registers that may be pointers (rest)
//   ScanEnd     ScanOutcome, records written before this one, words in them,
//               bytes looked at, bytes that could not be read, nanoseconds,
//               threads, of which not stopped
//
// Hazard: every number is a claim of a possibly hostile file.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sagemem::trace {

// FileHeader::version_minor of a trace with a scan, at least.
inline constexpr std::uint16_t kScanVersionMinor = 2;
inline constexpr char kInfoScan[] = "leak_scan";

// A record of words is no longer than this.
inline constexpr std::size_t kMaxScanPayload = 16 * 1024;

// What is mapped there.
enum class RegionKind : std::uint8_t {
  Anonymous = 0,  // private, of no file
  Heap = 1,       // what brk(2) moves the end of
  Stack = 2,      // of the first thread
  File = 3,       // private, of a file: a module's data
  Shared = 4,
};
// The page before it is mapped and may not be touched: as it is with stacks.
inline constexpr std::uint64_t kRegionIsGuarded = 1;

// How a thread was found.
enum class ThreadStop : std::uint8_t {
  Own = 0,      // it ended the process, and scanned
  Stopped = 1,  // by a signal, for the time of the scan
  Missed = 2,   // it ran on: its registers are not known
  Gone = 3,     // it had ended, but not the process with it
};

enum class ScanOutcome : std::uint8_t {
  Complete = 0,
  ThreadsMissed = 1,  // all memory was seen, but not all threads stood still
  NoMap = 2,          // /proc/self/maps could not be read
  NoMemory = 3,       // for the scan itself
  TooLong = 4,        // the deadline passed
  TooLarge = 5,       // the trace could not grow
  Unread = 6,         // without /proc/self/pagemap parts had to be left out
};

}  // namespace sagemem::trace
