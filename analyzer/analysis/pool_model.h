// SPDX-License-Identifier: Apache-2.0
//
// The two small allocators that a program can write for itself.
//
// A pool is for blocks of one size: chunks of many, without headers.  A chunk
// that is empty goes back, but for one.
//
// An arena is for blocks that all go together: one behind the other, and none
// is released before the end of the scope, which sets it back to its begin.  It
// keeps its memory for the next scope.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "analysis/allocator_model.h"
#include "model/scopes.h"

namespace sagemem::analysis {

class PoolModel : public AllocatorModel {
 public:
  // Blocks are at most this large.
  explicit PoolModel(std::uint64_t size);

  Place allocate(std::uint64_t size) override;
  void release(const Place& place) override;
  Place resize(const Place& place, std::uint64_t size) override;

 private:
  static constexpr std::uint64_t kChunk = 64 * 1024;
  static constexpr std::uint64_t kLeastBlocks = 8;

  std::uint64_t block_bytes_;
  std::uint64_t blocks_of_chunk_;
  std::vector<std::uint64_t> used_;    // by chunk
  std::set<std::uint64_t> with_room_;  // chunks
  std::vector<std::uint64_t> unused_;  // numbers of chunks that were given back
  std::uint64_t empty_ = 0;            // chunks of those with room
};

class ArenaModel : public AllocatorModel {
 public:
  // Of the scope that the following blocks belong to.
  void use_scope(model::ScopeId scope) { scope_ = scope; }
  void close_scope(model::ScopeId scope);

  Place allocate(std::uint64_t size) override;
  void release(const Place& place) override;
  Place resize(const Place& place, std::uint64_t size) override;

 private:
  static constexpr std::uint64_t kAlignment = 16;

  struct Arena {
    std::uint64_t used = 0;
    std::uint64_t touched = 0;  // the most that it ever used, in pages
    std::uint64_t reserved = 0;
  };
  void reach(Arena& arena);
  Arena& arena();

  model::ScopeId scope_ = model::kNoScope;
  std::map<model::ScopeId, Arena> open_;
  std::vector<Arena> waiting_;  // for another scope
};

}  // namespace sagemem::analysis
