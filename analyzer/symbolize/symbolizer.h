// SPDX-License-Identifier: Apache-2.0
//
// Names for the frames of a profile.  Each distinct frame is looked up once and
// each distinct location kept once, so that a hundred thousand stacks cost what
// their frames cost.
//
//   Frame{module 3, 0x1a2f}  ->  push_back   vector.h:1287   inlined
//                                fill        tree.c:88       inlined
//                                build_tree  tree.c:102
//
// A frame holds a return address; the call lies before it, so offset - 1 is
// looked up: the line after a call that ends a block belongs to something else.
// Hazard: the pointers live as long as the symbolizer.
#pragma once

#include <tsl/robin_map.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/profile.h"
#include "symbolize/file_search.h"
#include "symbolize/location.h"
#include "symbolize/module_names.h"

namespace sagemem::decode {
struct SymbolSection;
}

namespace sagemem::symbolize {

// Innermost first; never empty; the last one is the machine frame.
using Locations = std::span<const Location* const>;

// A module that was asked for names and has none to give.
struct UnreadableModule {
  std::string path;
  SymbolState state = SymbolState::NoFile;
  std::string reason;
};

class Symbolizer {
 public:
  // `embedded`: the symbols of the trace, which must outlive the symbolizer;
  // nullptr: it has none.  Of modules that these know, no file is looked at.
  explicit Symbolizer(const std::vector<model::Module>& modules,
                      FileSearch search = {},
                      const decode::SymbolSection* embedded = nullptr);
  ~Symbolizer();

  // The modules so far: those that are known already, and more.
  void extend(const std::vector<model::Module>& modules);

  [[nodiscard]] Locations resolve(const model::Frame& frame);

  // Gives a frame its locations without asking any file.  Innermost first.
  void learn(const model::Frame& frame, std::vector<Location> locations);

  // Opens the module's file when that has not happened yet.
  [[nodiscard]] SymbolSummary summary(std::uint32_t module);

  // Of a module asked so far, all that has_function() says yes to.
  [[nodiscard]] std::vector<std::string> functions(std::uint32_t module);

  // Whether a function of this plain name is in a module asked so far, or was
  // found inlined.
  [[nodiscard]] bool has_function(std::string_view name) const;

  // Of the modules asked so far, by path.
  [[nodiscard]] std::vector<UnreadableModule> unreadable() const;

 private:
  struct FrameHash {
    std::size_t operator()(const model::Frame& frame) const noexcept;
  };
  struct LocationHash {
    std::size_t operator()(const Location& location) const noexcept;
  };
  using ModuleKey = std::pair<std::string, std::vector<std::uint8_t>>;

  ModuleNames& names_of(std::uint32_t module);
  std::unique_ptr<ModuleNames> open(const model::Module& module) const;
  std::vector<Location> look_up(const model::Frame& frame);
  Locations keep(const model::Frame& frame, std::vector<Location> locations);

  std::vector<model::Module> modules_;
  // A module loaded several times is one file.
  std::map<ModuleKey, std::unique_ptr<ModuleNames>> files_;
  std::vector<ModuleNames*> file_of_module_;
  FileSearch search_;
  const decode::SymbolSection* embedded_;
  // The map moves its vectors about, never what they hold: spans stay valid.
  tsl::robin_map<model::Frame, std::vector<const Location*>, FrameHash> known_;
  std::unordered_set<Location, LocationHash> locations_;
};

}  // namespace sagemem::symbolize
