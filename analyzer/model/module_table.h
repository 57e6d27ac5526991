// SPDX-License-Identifier: Apache-2.0
//
// The modules of a run, and which of them covers an address at the present
// moment of the replay.
//
// Hazard: module numbers come from the file; they are names, not indices.  A
// Frame's module is the index into modules().
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <vector>

#include "decode/control_record.h"
#include "model/profile.h"
#include "model/stack_tree.h"

namespace sagemem::model {

class ModuleTable {
 public:
  void load(const decode::ModuleLoadRecord& record, std::int64_t time_ns);
  void unload(std::uint64_t number, std::int64_t time_ns);

  // The frame of a return address, against the modules loaded now.
  [[nodiscard]] Frame resolve(std::uint64_t pc) const;
  [[nodiscard]] bool is_recorder(const Frame& frame) const {
    return frame.module != kNoModule && modules_[frame.module].is_recorder;
  }

  // Changes whenever resolve() may answer differently.
  [[nodiscard]] std::uint32_t generation() const { return generation_; }

  [[nodiscard]] const std::vector<Module>& modules() const { return modules_; }
  [[nodiscard]] std::vector<Module> take_modules() && {
    return std::move(modules_);
  }

 private:
  void unload_overlapping(const Module& module, std::int64_t time_ns);

  std::vector<Module> modules_;
  tsl::robin_map<std::uint64_t, std::uint32_t> indices_;  // by number
  // Indices of the modules loaded now, which never overlap, by start address.
  std::vector<std::uint32_t> loaded_;
  std::uint32_t generation_ = 0;
};

}  // namespace sagemem::model
