// SPDX-License-Identifier: Apache-2.0
#include "symbolize/embed.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "pack/symbol_writer.h"

namespace sagemem::symbolize {
namespace {

using ModuleKey = std::pair<std::string, BuildId>;

// A module that was loaded several times is one file.
struct ModuleFrames {
  std::uint32_t module = 0;  // the first of them
  std::set<std::uint64_t> offsets;
};

class Embedder {
 public:
  Embedder(const model::Profile& profile, Symbolizer& symbols,
           SourceText& sources)
      : profile_(profile), symbols_(symbols), sources_(sources) {}

  Embedded run() && {
    find_frames();
    for (const auto& [key, frames] : modules_) add_module(key, frames);
    for (const auto& [place, text] : lines_)
      writer_.add_source_line({place.first, place.second, text});
    result_.section = writer_.finish();
    return std::move(result_);
  }

 private:
  void find_frames() {
    for (std::uint32_t i = 0; i < profile_.modules.size(); ++i) {
      const model::Module& module = profile_.modules[i];
      modules_.try_emplace({module.path, module.build_id}, ModuleFrames{i, {}});
    }
    const model::StackTree& stacks = profile_.stacks;
    for (std::size_t id = 1; id < stacks.size(); ++id) {
      const model::Frame& frame = stacks.frame(static_cast<model::StackId>(id));
      if (frame.module >= profile_.modules.size()) continue;
      const model::Module& module = profile_.modules[frame.module];
      modules_.at({module.path, module.build_id}).offsets.insert(frame.offset);
    }
  }

  void add_module(const ModuleKey& key, const ModuleFrames& frames) {
    decode::SymbolModule module;
    std::vector<decode::SymbolPlace> places;
    module.path = key.first;
    module.build_id = key.second;
    for (const std::uint64_t offset : frames.offsets)
      add_frame(module, places, {frames.module, offset});
    const SymbolSummary summary = symbols_.summary(frames.module);
    module.state = summary.state;
    module.has_lines = summary.has_lines;
    module.has_symbols = summary.has_symbols;
    module.reason = summary.reason;
    // Of a module that no stack leads through, nobody asks for names.
    std::vector<std::string> functions;
    if (!frames.offsets.empty()) functions = symbols_.functions(frames.module);
    module.functions.assign(functions.begin(), functions.end());
    if (!module.frames.empty()) ++result_.modules;
    writer_.add_module(module, places);
  }

  void add_frame(decode::SymbolModule& module,
                 std::vector<decode::SymbolPlace>& places,
                 const model::Frame& frame) {
    ++result_.all_frames;
    const Locations locations = symbols_.resolve(frame);
    const bool has_name = !locations.front()->function.empty() ||
                          !locations.front()->file.empty();
    if (!has_name) return;
    ++result_.frames;
    module.frames.push_back({frame.offset,
                             static_cast<std::uint32_t>(places.size()),
                             static_cast<std::uint32_t>(locations.size())});
    for (const Location* one : locations) {
      places.push_back({one->function, one->file, one->line, one->inlined});
      add_line(*one);
    }
  }

  void add_line(const Location& place) {
    const auto [at, is_new] = lines_.try_emplace({place.file, place.line});
    if (is_new) at->second = sources_.line(place.file, place.line);
    if (at->second.empty()) lines_.erase(at);
  }

  const model::Profile& profile_;
  Symbolizer& symbols_;
  SourceText& sources_;
  pack::SymbolWriter writer_;
  std::map<ModuleKey, ModuleFrames> modules_;
  std::map<std::pair<std::string, std::uint32_t>, std::string> lines_;
  Embedded result_;
};

}  // namespace

Embedded embed_symbols(const model::Profile& profile, Symbolizer& symbols,
                       SourceText& sources) {
  return Embedder(profile, symbols, sources).run();
}

}  // namespace sagemem::symbolize
