// SPDX-License-Identifier: Apache-2.0
#include "model/module_table.h"

#include <algorithm>

#include "sagemem/trace/format.h"

namespace sagemem::model {

void ModuleTable::load(const decode::ModuleLoadRecord& record,
                       std::int64_t time_ns) {
  Module module;
  module.path = record.path;
  module.build_id.assign(record.build_id.begin(), record.build_id.end());
  module.bias = record.bias;
  module.start = record.start;
  module.end = record.end;
  module.loaded_ns = time_ns;
  module.is_recorder = (record.flags & trace::kModuleIsRecorder) != 0;
  module.is_executable = (record.flags & trace::kModuleIsExecutable) != 0;
  // glibc unmaps modules of its own (iconv, nss) without a dlclose that anyone
  // sees: what takes their addresses tells that they are gone.
  unload_overlapping(module, time_ns);
  const auto index = static_cast<std::uint32_t>(modules_.size());
  const auto position =
      std::lower_bound(loaded_.begin(), loaded_.end(), module.start,
                       [this](std::uint32_t other, std::uint64_t start) {
                         return modules_[other].start < start;
                       });
  loaded_.insert(position, index);
  indices_[record.number] = index;
  modules_.push_back(std::move(module));
  ++generation_;
}

void ModuleTable::unload(std::uint64_t number, std::int64_t time_ns) {
  const auto found = indices_.find(number);
  if (found == indices_.end()) return;
  const std::uint32_t index = found->second;
  const auto erased = std::remove(loaded_.begin(), loaded_.end(), index);
  if (erased == loaded_.end()) return;
  loaded_.erase(erased, loaded_.end());
  modules_[index].unloaded_ns = time_ns;
  ++generation_;
}

void ModuleTable::unload_overlapping(const Module& module,
                                     std::int64_t time_ns) {
  std::erase_if(loaded_, [&](std::uint32_t index) {
    Module& other = modules_[index];
    if (other.end <= module.start || module.end <= other.start) return false;
    other.unloaded_ns = time_ns;
    return true;
  });
}

Frame ModuleTable::resolve(std::uint64_t pc) const {
  // A return address may be the first byte behind a call that never returns:
  // the call itself is one byte lower, and that byte decides.
  const std::uint64_t call = pc - 1;
  auto after =
      std::upper_bound(loaded_.begin(), loaded_.end(), call,
                       [this](std::uint64_t address, std::uint32_t other) {
                         return address < modules_[other].start;
                       });
  if (after == loaded_.begin()) return {kNoModule, pc};
  const std::uint32_t index = *--after;
  const Module& module = modules_[index];
  if (call >= module.end) return {kNoModule, pc};
  return {index, pc - module.bias};
}

}  // namespace sagemem::model
