// SPDX-License-Identifier: Apache-2.0
//
// The records of a segment: their kinds, flags, and the delta state that the
// writer and the reader keep in step.  man/sagemem-trace.5 gives the bytes.
//
// A record starts with one tag byte: kind in the low four bits, flags in the
// high four.  Field order, each present only when its flag says so:
//
//   alloc          tag [stamp] [api] [stack] size address [alignment]
//   alloc_failed   tag [stamp] [api] [stack] size [alignment]
//   free           tag [stamp] [api] [stack] index | address
//   realloc_begin  tag [stamp]               index | address
//   realloc_end    tag [stamp] [api] [stack] size address
//   map            tag [stamp] [api] [stack] size address
//   unmap          tag [stamp] [api] [stack] size address
//   scope_begin    tag [stamp] rule values
//   scope_end      tag [stamp] rule values
//   label          tag [stamp] rule values
//   note           tag [stamp] rule values
//   control        tag [stamp] type length payload
//
//   stamp      varint, clock ticks since the previous stamp of the segment
//              (the first: since SegmentHeader::start_ticks)
//   api        one byte, an Api; absent: the same as in the previous record of
//              the same side (allocation or release)
//   stack      varint frames to pop, varint frames to push, then one varint
//              per frame pushed, outermost first; absent: the previous stack
//              of the writer.  See DeltaState for the frame encoding.
//   size       varint, bytes as requested
//   address    put_address() against DeltaState::address
//   index      one byte, a slot of DeltaState::recent
//   alignment  one byte, log2
//   rule       varint, the number of a ScopeRule record.  That record may come
//              later: what a reader needs at once is in kind and flags
//   values     varint count, at most kMaxScopeValues, then one zigzag varint
//              each: what the rule captures at this moment, in its order
//
// Hazard: a writer and a reader that apply the delta state in another order
// than the fields stand in decode garbage silently; test_codec round-trips
// every kind and flag.
#pragma once

#include <array>
#include <cstdint>

namespace sagemem::trace {

enum class Kind : std::uint8_t {
  None = 0,          // unwritten space; never inside committed bytes
  Alloc = 1,         // stamped after the real call returned
  Free = 2,          // stamped before the real call
  ReallocBegin = 3,  // the old block, before the real call
  ReallocEnd = 4,    // the new block, after; address 0: the old one lives on
                     // (failure), or with size 0 as well: it was released
  AllocFailed = 5,   // the real call returned no memory
  Map = 6,           // address space taken: mmap, mremap result, brk up
  Unmap = 7,         // address space given back, stamped before the call
  ScopeBegin = 8,    // blocks born from here on belong to it
  ScopeEnd = 9,      // of the innermost open one of this rule
  Label = 10,        // what blocks are called that are born in the rule's
                     // functions (Probe records) in this thread from here on
  Note = 11,         // a value for the innermost open scope of this thread
  Control = 15,
};

// Flags of the tag byte.  The two that share a bit belong to other kinds.
inline constexpr std::uint8_t kKindMask = 0x0f;
inline constexpr std::uint8_t kHasStack = 0x10;
inline constexpr std::uint8_t kHasApi = 0x20;
inline constexpr std::uint8_t kHasAlignment = 0x40;  // alloc, alloc_failed
inline constexpr std::uint8_t kIsRecent = 0x40;      // free, realloc_begin
inline constexpr std::uint8_t kHasStamp = 0x80;
inline constexpr std::uint8_t kIsProcessWide = 0x10;  // scope_begin: blocks of
                                                      // every thread
inline constexpr std::uint8_t kIsAbandoned = 0x10;    // scope_end: left by an
                                                      // exception or a longjmp
// Control only: a reader that does not know the type must refuse the trace.
inline constexpr std::uint8_t kIsRequired = 0x10;

// The function that the program called.
enum class Api : std::uint8_t {
  Unknown = 0,
  Malloc = 1,
  Calloc = 2,
  Realloc = 3,
  ReallocArray = 4,
  PosixMemalign = 5,
  AlignedAlloc = 6,
  Memalign = 7,
  Valloc = 8,
  Pvalloc = 9,
  OperatorNew = 10,
  OperatorNewArray = 11,
  Mmap = 12,
  Mremap = 13,
  Brk = 14,
  Free = 32,
  FreeSized = 33,
  FreeAlignedSized = 34,
  OperatorDelete = 35,
  OperatorDeleteArray = 36,
  Munmap = 37,
};

// Control record types and their payloads.
enum class Control : std::uint8_t {
  Info = 1,          // varint key length, key, value (rest)
  Thread = 2,        // varint tid, name (rest); all later records of the
                     // segment are this thread's.  First in every segment.
  ModuleLoad = 3,    // ModuleRecord, see format.h
  ModuleUnload = 4,  // varint module number
  Resident = 5,      // varint resident bytes, varint of which shared or file
  Fork = 6,          // varint child pid
  Exec = 7,          // path (rest); the image is about to be replaced
  ScopeRule = 8,     // ScopeRuleRecord, see format.h
  Probe = 9,         // ProbeRecord, see format.h
  Snapshot = 10,     // label (rest): the program asks to remember this moment
  ScanWords = 11,    // the leak scan, see scan.h
  ScanThread = 12,
  ScanEnd = 13,
};
inline constexpr std::uint64_t kMaxScopeValues = 8;
// A value that could not be read: an argument of a clone that the compiler has
// given others, or a variable that is not there.
inline constexpr std::int64_t kUnknownValue = INT64_MIN;

// What the events of a rule mean.
enum class RuleUse : std::uint8_t {
  Scope = 0,  // scope_begin and scope_end
  Label = 1,
  Note = 2,
};

// How the calls of a function are seen.
enum class ProbeMethod : std::uint8_t {
  None = 0,         // not at all; the reason says why
  CallThrough = 1,  // a jump at its entry, to a stub that calls it
  EntryOnly = 2,    // a jump at its entry; its end is not seen
  Breakpoint = 3,   // int3 at its entry, to the same stub
  Inferred = 4,     // nothing patched: from the call stacks, when replayed
  Marker = 5,       // the program says so itself, through sagemem.h
  ShortJump = 6,    // a jump of two bytes at its entry, to one of five bytes in
                    // the padding between functions, to the same stubs
};

// Why a method was not the one wished for.
enum class ProbeReason : std::uint8_t {
  None = 0,
  NoSymbol = 1,        // no module has such a function
  Traced = 2,          // a debugger is attached
  ProtectRefused = 3,  // code pages may not be changed
  NoNearMemory = 4,    // no executable memory within reach of a jump
  TooShort = 5,        // the function has no room for a jump
  NotRelocatable = 6,  // its first instructions cannot run elsewhere
  JumpedInto = 7,      // a branch leads into them
  StackArguments = 8,  // it has more of them than a stub can pass on
  TableFull = 9,
  Unsupported = 10,  // on this architecture
};

// What writer and reader remember inside one segment.  Every segment starts
// from a zeroed state, so that each can be decoded alone.
struct DeltaState {
  static constexpr unsigned kRecentBits = 8;
  static constexpr unsigned kFrameBits = 12;

  std::uint64_t ticks;    // last stamp
  std::uint64_t address;  // last address of any record
  Api alloc_api;          // starts as Unknown: the first record names its own
  Api release_api;
  // Blocks born lately: alloc, realloc_end and map put their address into
  // slot recent_slot(address).  A release whose address is found in its slot
  // is written as the slot's number.
  std::array<std::uint64_t, 1u << kRecentBits> recent;
  // Program counters seen lately, slot frame_slot(pc).  A pushed frame is
  //   slot << 1                          when the slot holds it, else
  //   zigzag(pc - previous frame) << 1 | 1, and it is put into its slot;
  // previous frame: the one below it (outer), 0 for the outermost.
  std::array<std::uint64_t, 1u << kFrameBits> frames;

  static constexpr std::uint8_t recent_slot(std::uint64_t address) noexcept {
    return static_cast<std::uint8_t>(static_cast<std::uint32_t>(address >> 4) *
                                         kGolden32 >>
                                     (32 - kRecentBits));
  }
  static constexpr std::uint16_t frame_slot(std::uint64_t pc) noexcept {
    return static_cast<std::uint16_t>(pc * kGolden >> (64 - kFrameBits));
  }

 private:
  // 2^64 and 2^32 / golden ratio: multiplicative hashing, Knuth TAOCP 3, 6.4.
  // The short one where every event computes it: half the instructions.
  static constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
  static constexpr std::uint32_t kGolden32 = 0x9e3779b9;
};

}  // namespace sagemem::trace
