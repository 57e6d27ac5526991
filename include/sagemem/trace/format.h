// SPDX-License-Identifier: Apache-2.0
//
// The trace file, version 1: a file header, then segments.
//
//   offset 0       FileHeader                      4 KiB
//          4096    SegmentHeader, records          the first session segment
//          65536   SegmentHeader, records          1, 2 or 4 units of 64 KiB
//          ...
//
// Every thread that records owns a writer; a writer fills one segment at a
// time through a shared mapping and takes the next free units of the file when
// it is full.  Writer 0 is the session: facts about the process and its
// modules.  A writer outlives its thread and is handed to the next one: a
// Thread record says whose records follow.
//
// A packed trace (kFlagPacked) has packs instead of segments:
//
//   offset 0       FileHeader                      4 KiB
//          4096    PackHeader, table, zstd frame   some segments, compressed
//          ...     the next one, at a multiple of 512
//
// The table is the segments' headers as they were; the frame, uncompressed, is
// their records back to back.  A trace that is packed while it is recorded is
// two files until it is done: the segments, and TRACE.pack, a packed trace with
// those that have been packed so far.
//
// Hazards.  (1) The file is written through mappings while others read it:
// `committed` is stored with release order after the bytes that it covers, and
// nothing behind it may be read.  (2) Units may be reserved and never used
// (zeros), or torn: a reader that finds no segment magic at a unit goes on to
// the next unit.  (3) Every field is a claim of a possibly hostile file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace sagemem::trace {

inline constexpr char kMagic[8] = {'S', 'A', 'G', 'E', 'M', 'E', 'M', '\n'};
inline constexpr std::uint16_t kVersionMajor = 1;  // readers refuse others
inline constexpr std::uint16_t kVersionMinor = 0;  // additions keep it readable

inline constexpr std::uint32_t kHeaderBytes = 4096;
inline constexpr std::uint32_t kUnitBytes = 64 * 1024;
inline constexpr std::uint32_t kMaxSegmentUnits = 4;
inline constexpr std::uint32_t kSegmentMagic = 0x67655353;  // "SSeg"
inline constexpr std::uint32_t kSessionWriter = 0;

// Bounds of a pack: a reader spends no more memory than these on a claim.
inline constexpr std::uint32_t kPackMagic = 0x6b615053;  // "SPak"
inline constexpr std::uint32_t kPackAlignment = 512;
inline constexpr std::uint32_t kMaxPackSegments = 64;
inline constexpr std::uint32_t kMaxPackContent = 4 * 1024 * 1024;
inline constexpr std::uint32_t kMaxPackBytes = 5 * 1024 * 1024;
inline constexpr char kPackSuffix[] = ".pack";  // TRACE.pack

// A file that stands in for a trace that could not be mapped where the user
// wanted it: this magic, then the path of the spool, then a newline.
inline constexpr char kSpoolMagic[] = "SAGEMEM-SPOOL ";

enum class ClockKind : std::uint32_t {
  TimeStampCounter = 1,  // invariant TSC; tick length from the header pairs
  MonotonicNs = 2,       // clock_gettime(CLOCK_MONOTONIC)
};

// How the process ended, as far as anyone saw it.
enum class EndKind : std::uint32_t {
  Unknown = 0,        // still running, or ended without a word: a fatal signal,
                      // the kernel's OOM killer, a raw exit_group
  Exit = 1,           // exit() or return from main; end_status is the code
  ImmediateExit = 2,  // _exit, _Exit, quick_exit; end_status is the code
  Exec = 3,           // replaced by another program image
  Abort = 4,          // abort() was called
  Signal = 5,  // said by the parent (sagemem-run); end_status is the signal
};

// Why recording ended before the process did.
enum class StopReason : std::uint32_t {
  None = 0,
  NoSpace = 1,        // the file could not grow; stop_errno says why
  MapFailed = 2,      // a segment could not be mapped
  FileSizeLimit = 3,  // RLIMIT_FSIZE
  SizeLimit = 4,      // SAGEMEM_MAX_BYTES
};

// Events that happened and are not in the trace.  Any of them makes the
// numbers a lower bound.
enum class Loss : std::uint32_t {
  ReentrantAlloc = 0,  // hook entered while the recorder worked in this thread
  ReentrantRelease = 1,
  EarlyAlloc = 2,  // before recording could begin
  EarlyRelease = 3,
  StoppedAlloc = 4,  // after recording had stopped
  StoppedRelease = 5,
  NoWriter = 6,  // no memory or space for this thread's writer
};
inline constexpr std::size_t kLossCount = 7;

// Facts that make something less than exact without losing an event.
enum class Notice : std::uint32_t {
  StackTruncated = 0,  // deeper than the recorder's limit; innermost kept
  UnwindFailed = 1,    // the unwinder gave no caller: pc of the call only
  ModuleTableFull = 2,
  ClockNotInvariant = 3,  // ordered by clock_gettime instead of the TSC
  ClockStepBack = 4,      // a stamp earlier than the one before; clamped
  SpoolUsed = 5,          // the output could not be mapped shared
  WriterRecycled = 6,     // a thread took over the writer of an ended one
  NestedCalls = 7,        // calls that the allocator made to itself: no events
  BootBlocks = 8,         // served from the boot arena: not the program's
  StackGuessed = 9,       // code without unwind information: frames outside of
                          // it follow frame pointers and may miss some
  StackByLibunwind = 10,  // no compact rule on the way: walked the slow way
  UnwindMismatch = 11,    // check builds: differs from uncached libunwind
  PackerFailed = 12,      // the packer could not be started
  ScopesMissed = 13,      // scope events in the middle of the recorder's work
  ScopesTooDeep = 14,     // more open in one thread than it can keep
  ProbesRefused = 15,     // functions that are not seen, and not inferred
};
inline constexpr std::size_t kNoticeCount = 16;

// What is still counted when recording has stopped.
enum class Late : std::uint32_t {
  Allocations = 0,  // that returned a block, reallocations included
  Bytes = 1,        // of these, as the program asked for them
  Releases = 2,     // of blocks recorded or not, reallocations included
  Reallocations = 3,
  Failed = 4,  // calls that returned no memory
};
// Threads count in different cache lines, as a rule; the sum is what counts.
inline constexpr std::size_t kLateShards = 32;
inline constexpr std::size_t kLateCounters = 8;

// FileHeader::flags.
inline constexpr std::uint32_t kFlagMmap = 1;    // map and unmap are recorded
inline constexpr std::uint32_t kFlagForked = 2;  // started in a fork child:
                                                 // blocks of the parent are
                                                 // known to it, not to us
inline constexpr std::uint32_t kFlagClosed = 4;  // ended orderly, file trimmed
inline constexpr std::uint32_t kFlagPacked = 8;  // packs, not segments

struct FileHeader {
  char magic[8];
  std::uint16_t version_major;
  std::uint16_t version_minor;
  std::uint32_t header_bytes;  // kHeaderBytes
  std::uint32_t unit_bytes;    // kUnitBytes
  std::uint32_t page_bytes;    // of the profiled machine
  std::uint32_t clock_kind;    // ClockKind
  std::uint32_t flags;
  std::int32_t pid;
  std::int32_t parent_pid;
  std::int32_t rank;            // MPI or Slurm rank, -1: none
  std::uint32_t start_counter;  // how many traces of this name and pid before
  // The two clocks and the wall clock, read together at the start and, when
  // the end was seen, at the end.
  std::int64_t start_realtime_ns;
  std::int64_t start_monotonic_ns;
  std::uint64_t start_ticks;
  std::int64_t end_realtime_ns;
  std::int64_t end_monotonic_ns;
  std::uint64_t end_ticks;
  std::uint32_t end_kind;  // EndKind
  std::int32_t end_status;
  std::uint32_t stop_reason;  // StopReason
  std::int32_t stop_errno;
  std::uint64_t stop_ticks;
  std::uint64_t next_unit;  // units from here on were never handed out
  std::uint64_t peak_resident_bytes;  // VmHWM as last read
  std::uint32_t writers;              // writers ever made, the session included
  std::uint32_t reserved;
  std::uint64_t losses[32];   // by Loss
  std::uint64_t notices[32];  // by Notice
  // Packed traces: where the last pack ends; stored with release order after
  // the pack.  And the segments that were found missing when it was packed.
  std::uint64_t packed_bytes;
  std::uint64_t packed_missing;
  std::uint64_t spare[4];
  std::uint64_t late[kLateShards][kLateCounters];  // by thread, Late
  std::uint8_t padding[kHeaderBytes - 2752];
};
static_assert(sizeof(FileHeader) == kHeaderBytes);
static_assert(offsetof(FileHeader, writers) == 136);
static_assert(offsetof(FileHeader, losses) == 144);
static_assert(offsetof(FileHeader, late) % 64 == 0);
static_assert(std::is_trivially_copyable_v<FileHeader>);

struct SegmentHeader {
  std::uint32_t magic;  // kSegmentMagic
  std::uint32_t writer;
  std::uint64_t sequence;  // of this writer, from 0, without gaps
  std::uint64_t start_ticks;
  std::int64_t start_monotonic_ns;
  std::uint32_t bytes;      // whole segment, header included
  std::uint32_t committed;  // record bytes that may be read
  std::uint64_t checksum;   // XXH3-64 of the committed bytes; when sealed
  std::uint32_t sealed;     // 1: complete, the writer went on elsewhere
  std::uint32_t stored;     // in a pack: record bytes of it there; else 0
  // Allocations and releases that this writer could not record, by the owner.
  std::uint64_t lost_allocs;
  std::uint64_t lost_releases;
};
static_assert(sizeof(SegmentHeader) == 72);
static_assert(std::is_trivially_copyable_v<SegmentHeader>);

struct PackHeader {
  std::uint32_t magic;          // kPackMagic
  std::uint32_t segments;       // in the table
  std::uint64_t head_checksum;  // XXH3-64 from here to the end of the table
  std::uint32_t bytes;          // of the pack: this header, table, frame
  std::uint32_t content_bytes;  // of the frame, uncompressed
  std::uint64_t checksum;       // XXH3-64 of the frame
};
static_assert(sizeof(PackHeader) == 32);
static_assert(std::is_trivially_copyable_v<PackHeader>);

// ModuleLoad payload, all varints but the strings:
//   module number, flags, load bias, first address, end address,
//   build-id length, build-id bytes, path (rest)
// The load bias is what dlpi_addr says: address = bias + ELF virtual address.
inline constexpr std::uint64_t kModuleIsRecorder = 1;    // libsagemem itself
inline constexpr std::uint64_t kModuleIsExecutable = 2;  // the main program
inline constexpr std::size_t kMaxBuildIdBytes = 64;

// ScopeRule payload, of the session's writer, all varints but the strings:
//   rule number, RuleUse, flags, name length, name, count of captures,
//   and for each: flags, name length, name
// The capture named kScopeNumber tells one scope of a rule from the next.
inline constexpr std::uint64_t kRuleIsProcessWide = 1;
inline constexpr std::uint64_t kRuleIsBuiltIn = 2;  // chosen by the symbols
inline constexpr std::uint64_t kCaptureAtEnd = 1;   // else at the begin
inline constexpr char kScopeNumber[] = "number";

// Probe payload, of the session's writer, all varints but the symbol:
//   rule number, role flags, ProbeMethod, ProbeReason, address, size,
//   symbol (rest)
// The addresses are those of the running process; 0 where there is no symbol.
// A rule may have many: one for each function, clone and module.
inline constexpr std::uint64_t kProbeBegins = 1;  // its entry is the begin
inline constexpr std::uint64_t kProbeEnds = 2;    // its exit is the end

// Keys of the Info records.
inline constexpr char kInfoCommand[] = "command";      // argv, NUL separated
inline constexpr char kInfoProgram[] = "program";      // /proc/self/exe
inline constexpr char kInfoDirectory[] = "directory";  // working directory
inline constexpr char kInfoHost[] = "host";
inline constexpr char kInfoKernel[] = "kernel";            // uname -r
inline constexpr char kInfoVersion[] = "recorder";         // sagemem version
inline constexpr char kInfoAllocator[] = "allocator";      // module of malloc
inline constexpr char kInfoEnvironment[] = "environment";  // NAME=VALUE, each
                                                           // in its own record

}  // namespace sagemem::trace
