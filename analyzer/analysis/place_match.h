// SPDX-License-Identifier: Apache-2.0
//
// Which allocation site of one run is which of another, though the program was
// changed and built anew in between.  Addresses and build ids say nothing then;
// what is left is what the author sees:
//
//   old                         new
//   load.c:40  read_halos       load.c:40  read_halos      the same line
//   load.c:52  read_halos       load.c:58  read_halos      moved
//   util.c:9   grow             array.c:9  grow            its file renamed
//                               load.c:44  read_halos      new
//
// Sites of one function are paired in the order of their lines, so that none
// crosses another; which of them have no partner is chosen by the text of the
// line, the line itself, and sizes and numbers of the blocks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sagemem::analysis {

struct Place {
  std::string function;  // demangled; never empty
  std::string file;      // "" without line table
  std::uint32_t line = 0;
  std::string module;  // path
  std::string text;    // of the line in the source, "" when that is not there
  std::uint64_t allocations = 0;
  std::uint64_t bytes_allocated = 0;
};

enum class Likeness : std::uint8_t {
  Same,     // function, file and line
  Moved,    // another line of the function
  Renamed,  // another file, or without line table another module
};

struct PlacePair {
  std::uint32_t before = 0;  // index into the old places
  std::uint32_t after = 0;   // index into the new ones
  Likeness likeness = Likeness::Same;
};

// Each place is in one pair at the most.  Ordered by `before`.
[[nodiscard]] std::vector<PlacePair> match_places(std::span<const Place> before,
                                                  std::span<const Place> after);

}  // namespace sagemem::analysis
