// SPDX-License-Identifier: Apache-2.0
//
// For questions about single blocks - how long they lived, who released them,
// what was alive at a moment: told of every block that counts, as it comes and
// goes.  A replay without an observer keeps nothing of all this.
#pragma once

#include <cstdint>

#include "model/scopes.h"
#include "model/stack_tree.h"

namespace sagemem::model {

// A block as far as it is known at its birth.
struct Life {
  std::uint64_t size = 0;
  std::int64_t born_ns = 0;
  // Bytes of counted blocks born before it: time as a heap sees it.
  std::uint64_t born_bytes = 0;
  std::uint64_t number = 0;  // of counted blocks born before it
  StackId stack = kRootStack;
  std::uint32_t thread = kNoThread;  // index into Profile::threads
};

struct Death {
  std::int64_t time_ns = 0;
  std::uint64_t bytes = 0;  // born by then, as Life::born_bytes
  std::uint32_t thread = kNoThread;
  // Before its thread made another allocation, and not by realloc.
  bool is_temporary = false;
  // No release was recorded, but another block came to be in its place.
  bool was_lost = false;
};

class BlockObserver {
 public:
  BlockObserver() = default;
  BlockObserver(const BlockObserver&) = delete;
  BlockObserver& operator=(const BlockObserver&) = delete;
  virtual ~BlockObserver() = default;

  // The next event is of this time: before anything of it is told.
  virtual void advance(std::int64_t /*time_ns*/) {}
  // `peak_number`: how many highest points of all counted bytes there were
  // before this change; see HeapModel.
  virtual void birth(const Life& life, std::uint64_t peak_number) = 0;
  virtual void death(const Life& life, const Death& death,
                     std::uint64_t peak_number) = 0;
  // After it began and after it was closed, by whatever.
  virtual void begin_scope(ScopeId /*scope*/) {}
  virtual void end_scope(ScopeId /*scope*/) {}
  // Nothing comes any more.  For each block that is alive: remain().
  virtual void remain(const Life& /*life*/) {}
  virtual void finish(std::uint64_t /*peak_number*/) {}
};

}  // namespace sagemem::model
