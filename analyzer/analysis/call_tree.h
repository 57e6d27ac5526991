// SPDX-License-Identifier: Apache-2.0
//
// All stacks of a run as a tree of calls: from main on (top-down), or from the
// allocation sites to their callers (bottom-up).
//
//   top-down                           bottom-up
//   main                               add_halo     tree.c:88
//     build_tree   tree.c:140            build_tree   tree.c:140
//       add_halo   tree.c:88             read_tree    tree.c:31
//
// Both end at the allocation site: the wrappers that it calls are left out.  A
// function that calls itself is one node, at the line of the innermost call.
//
// The sums of a node follow from its stacks.  Its own highest point does not:
// count_over_time() replays the trace once more for the nodes that were chosen.
// Hazard: nodes point to locations of the symbolizer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/sites.h"
#include "model/profile.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

enum class TreeMeasure { Peak, Leaked, Allocated, Blocks, Temporary };
// By its name: peak, leaked, allocated, blocks, temporary.
[[nodiscard]] std::optional<TreeMeasure> find_tree_measure(
    std::string_view name);
[[nodiscard]] const char* name_of(TreeMeasure measure);
[[nodiscard]] std::uint64_t measure_of(const model::StackUse& use,
                                       TreeMeasure measure);

struct TreeQuery {
  bool is_bottom_up = false;
  TreeMeasure by = TreeMeasure::Peak;
};

struct TreeNode {
  std::uint32_t parent = 0;  // index; of the root: itself
  std::uint32_t depth = 0;   // of the root 0
  // nullptr: the root.
  const symbolize::Location* location = nullptr;
  // All below it included.  The own peaks are exact once they are counted.
  model::StackUse use;
  std::int64_t own_peak_ns = 0;
  // Of `use`, what was allocated in no node below: the tree ends here.
  model::StackUse self;
  std::uint64_t stacks = 0;
  std::uint32_t calls_itself = 0;  // at most so often in a row
  std::uint32_t children = 0;      // with a part in the measure
  std::uint32_t shown = 0;         // of these, in this table
  // Nothing but its only child: all their numbers are the same.
  bool is_link = false;
};

struct CallTree {
  TreeQuery query;
  // Chosen nodes; parents before their children, these largest first.
  std::vector<TreeNode> nodes;
  // By StackId: the innermost node that holds it.
  std::vector<std::uint32_t> node_of_stack;

  [[nodiscard]] std::uint64_t measure(const TreeNode& node) const {
    return measure_of(node.use, query.by);
  }
};

// The `top` largest nodes, links not counted; 0: all that have a part in the
// measure.
[[nodiscard]] CallTree find_call_tree(const model::Profile& profile,
                                      symbolize::Symbolizer& symbols,
                                      const SiteTable& sites,
                                      const TreeQuery& query, std::size_t top);

// Fills in the own peaks of its nodes.
void count_over_time(CallTree& tree, const ReplayAgain& replay);

}  // namespace sagemem::analysis
