// SPDX-License-Identifier: Apache-2.0
#include "symbolize/symbolizer.h"

#include <algorithm>
#include <functional>

#include "symbolize/embedded_symbols.h"
#include "symbolize/module_symbols.h"

namespace sagemem::symbolize {
namespace {

// Combines hashes; the constant is 2^64 / golden ratio.
std::size_t mix(std::size_t seed, std::size_t value) {
  return (seed ^ value) * 0x9e3779b97f4a7c15 + (seed >> 29);
}

}  // namespace

std::size_t Symbolizer::FrameHash::operator()(
    const model::Frame& frame) const noexcept {
  const std::size_t hash = mix(frame.module, frame.offset);
  return hash ^ (hash >> 32);
}

std::size_t Symbolizer::LocationHash::operator()(
    const Location& location) const noexcept {
  const std::hash<std::string> hash;
  return mix(mix(hash(location.function), hash(location.file)),
             mix(location.line, location.offset));
}

Symbolizer::Symbolizer(const std::vector<model::Module>& modules,
                       FileSearch search, const decode::SymbolSection* embedded)
    : search_(std::move(search)), embedded_(embedded) {
  extend(modules);
}

Symbolizer::~Symbolizer() = default;

void Symbolizer::extend(const std::vector<model::Module>& modules) {
  if (modules.size() <= modules_.size()) return;
  modules_.insert(
      modules_.end(),
      modules.begin() + static_cast<std::ptrdiff_t>(modules_.size()),
      modules.end());
  file_of_module_.resize(modules_.size(), nullptr);
}

Locations Symbolizer::resolve(const model::Frame& frame) {
  const auto known = known_.find(frame);
  if (known != known_.end()) return known->second;
  return keep(frame, look_up(frame));
}

void Symbolizer::learn(const model::Frame& frame,
                       std::vector<Location> locations) {
  keep(frame, std::move(locations));
}

std::vector<Location> Symbolizer::look_up(const model::Frame& frame) {
  if (frame.module >= modules_.size()) return {Location{}};
  const model::Module& module = modules_[frame.module];
  std::vector<Location> locations =
      names_of(frame.module).lookup(frame.offset - 1);
  if (locations.empty()) locations.emplace_back();
  for (Location& location : locations) {
    location.module = module.path;
    if (location.function.empty()) location.offset = frame.offset;
  }
  return locations;
}

Locations Symbolizer::keep(const model::Frame& frame,
                           std::vector<Location> locations) {
  std::vector<const Location*>& kept = known_[frame];
  kept.clear();
  for (Location& location : locations)
    kept.push_back(&*locations_.insert(std::move(location)).first);
  return kept;
}

ModuleNames& Symbolizer::names_of(std::uint32_t module) {
  ModuleNames*& names = file_of_module_[module];
  if (names == nullptr) {
    const model::Module& from = modules_[module];
    auto& file = files_[{from.path, from.build_id}];
    if (file == nullptr) file = open(from);
    names = file.get();
  }
  return *names;
}

std::unique_ptr<ModuleNames> Symbolizer::open(
    const model::Module& module) const {
  if (embedded_ != nullptr) {
    for (const decode::SymbolModule& one : embedded_->modules)
      if (one.path == module.path &&
          std::equal(one.build_id.begin(), one.build_id.end(),
                     module.build_id.begin(), module.build_id.end()))
        return std::make_unique<EmbeddedSymbols>(*embedded_, one);
  }
  return std::make_unique<ModuleSymbols>(module.path, module.build_id, search_);
}

SymbolSummary Symbolizer::summary(std::uint32_t module) {
  return names_of(module).summary();
}

std::vector<std::string> Symbolizer::functions(std::uint32_t module) {
  return names_of(module).functions();
}

bool Symbolizer::has_function(std::string_view name) const {
  return std::any_of(files_.begin(), files_.end(),
                     [name](const auto& file) {
                       return file.second->has_function(name);
                     }) ||
         std::any_of(locations_.begin(), locations_.end(),
                     [name](const Location& location) {
                       return location.function == name;
                     });
}

std::vector<UnreadableModule> Symbolizer::unreadable() const {
  std::vector<UnreadableModule> result;
  for (const auto& [key, symbols] : files_) {
    if (symbols->state() == SymbolState::Usable) continue;
    result.push_back({key.first, symbols->state(), symbols->reason()});
  }
  return result;
}

}  // namespace sagemem::symbolize
