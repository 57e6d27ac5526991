// SPDX-License-Identifier: Apache-2.0
//
// The symbols of a trace: what binaries and sources said of its frames while
// they were at hand.  Since version 1.1, in packed traces alone:
//
//   FileHeader::packed_bytes   the end of the last pack
//   next multiple of 512       SymbolsHeader, zstd frame
//
// Readers of version 1.0 do not look behind packed_bytes.
//
// The content of the frame, all varints but the bytes of texts and build ids; a
// text is named by its number in the list:
//
//   count of texts;    for each: length, bytes
//   count of modules;  for each: path, length of the build id, build id,
//     SymbolState, flags (kModuleHasLines, kModuleHasSymbols), reason,
//     count of functions;  for each: name
//     count of frames;     for each: offset since that of the frame before,
//       count of places, innermost first;  for each:
//         function, file, line, flags (kPlaceIsInlined)
//   count of source lines;  for each: file, line, text
//
// The offset of a frame is a return address less its module's load bias.
//
// Hazard: every number is a claim of a possibly hostile file.
#pragma once

#include <cstdint>
#include <type_traits>

namespace sagemem::trace {

// FileHeader::version_minor of a trace that has them, at least; the recorder
// writes none.
inline constexpr std::uint16_t kSymbolsVersionMinor = 1;
inline constexpr std::uint32_t kSymbolsMagic = 0x6d795353;  // "SSym"
inline constexpr std::uint32_t kMaxSymbolsContent = 256 * 1024 * 1024;
inline constexpr std::uint64_t kModuleHasLines = 1;
inline constexpr std::uint64_t kModuleHasSymbols = 2;
inline constexpr std::uint64_t kPlaceIsInlined = 1;

struct SymbolsHeader {
  std::uint32_t magic;          // kSymbolsMagic
  std::uint32_t content_bytes;  // of the frame, uncompressed
  std::uint64_t frame_bytes;
  std::uint64_t checksum;  // XXH3-64 of the frame
};
static_assert(sizeof(SymbolsHeader) == 24);
static_assert(std::is_trivially_copyable_v<SymbolsHeader>);

// What became of a module whose names were asked for.
enum class SymbolState : std::uint32_t {
  Usable = 0,      // the recorded file, or one that nothing speaks against
  NoFile = 1,      // the name led to no file that could be read
  NotElf = 2,      // a file, but not of this kind
  OtherBuild = 3,  // build ids differed
};

}  // namespace sagemem::trace
