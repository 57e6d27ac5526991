// SPDX-License-Identifier: Apache-2.0
//
// Replays a trace into a Profile: one pass over the events, memory in
// proportion to live blocks, distinct stacks and threads, never to the number
// of events.
//
//   EventFeed  -> StackTree                  who called
//              -> Replay -> HeapModel, MappedRanges   what is live, the peak
//                        -> ModuleTable, Timeline     when and where
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "decode/trace_file.h"
#include "model/block_filter.h"
#include "model/block_observer.h"
#include "model/heap_observer.h"
#include "model/profile.h"
#include "model/scope_inference.h"

namespace sagemem::model {

enum class Threads {
  Auto,  // a second one, where there is a processor for it and enough to do
  One,
  Two,
};

struct ReplayOptions {
  // Events between two calls of the progress callback, or some more.
  std::uint64_t progress_interval = 1 << 18;
  // Groups to count, and how many of them; see GroupCounters.
  const StackGroups* groups = nullptr;
  std::size_t group_count = 0;
  // Groups that are known as the stacks come; not beside those above.
  StackGrouper* grouper = nullptr;
  // Scopes whose call stacks are wanted, as an earlier replay numbered them.
  std::vector<ScopeId> watched_scopes;
  // Rules whose scopes are to be found in the call stacks.
  std::vector<InferredRule> inferred;
  // The blocks to count; all others are only followed.
  BlockFilter filter = {};
  // Is told of each block that counts; outlives the replay.
  BlockObserver* observer = nullptr;
  // The same, for where the way of a block through the heap matters.
  HeapObserver* heap_observer = nullptr;
  Threads threads = Threads::Auto;
  // Bytes that the process may have in memory.  Kept by what grows with the
  // blocks that are live; not by stacks and scopes.
  std::uint64_t max_resident = ~std::uint64_t{0};
};

// The share that is done, from 0 to 1.
using Progress = std::function<void(double)>;

// Throws decode::TraceError, see EventReader.
Profile replay(const decode::TraceFile& file, const ReplayOptions& options = {},
               const Progress& progress = {});

}  // namespace sagemem::model
