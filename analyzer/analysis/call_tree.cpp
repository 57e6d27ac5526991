// SPDX-License-Identifier: Apache-2.0
//
// Nodes are opened one by one, the largest first, as none below is larger; so
// what is not shown costs nothing.  A closed node keeps its stacks, each with
// the place in its path where the node is.
#include "analysis/call_tree.h"

#include <tsl/robin_map.h>

#include <algorithm>
#include <map>
#include <queue>
#include <string>
#include <tuple>
#include <utility>

#include "model/tree_counters.h"

namespace sagemem::analysis {
namespace {

using model::StackId;
using symbolize::Location;

constexpr struct {
  const char* name;
  TreeMeasure measure;
} kMeasures[] = {{"peak", TreeMeasure::Peak},
                 {"leaked", TreeMeasure::Leaked},
                 {"allocated", TreeMeasure::Allocated},
                 {"blocks", TreeMeasure::Blocks},
                 {"temporary", TreeMeasure::Temporary}};

// Each place of the source once, whatever frames and modules it is compiled
// into, as for sites.
class Places {
 public:
  std::uint32_t id(const Location* location) {
    const auto [known, is_new] = known_.try_emplace(location, 0);
    if (!is_new) return known->second;
    const auto next = static_cast<std::uint32_t>(places_.size());
    const auto [place, is_first] =
        ids_.try_emplace(Key(location->name(), location->file, location->line,
                             location->file.empty() ? location->module : ""),
                         next);
    if (is_first) {
      places_.push_back(location);
      functions_.push_back(function(*location));
    }
    known.value() = place->second;
    return place->second;
  }
  [[nodiscard]] bool is_same_function(std::uint32_t a, std::uint32_t b) const {
    return functions_[a] == functions_[b];
  }
  [[nodiscard]] const Location* operator[](std::uint32_t id) const {
    return places_[id];
  }
  // Names decide, not the order in which they came.
  [[nodiscard]] bool is_before(std::uint32_t a, std::uint32_t b) const {
    const Location& x = *places_[a];
    const Location& y = *places_[b];
    return std::tuple(x.name(), x.file, x.line, x.module) <
           std::tuple(y.name(), y.file, y.line, y.module);
  }

 private:
  using Key = std::tuple<std::string, std::string, std::uint32_t, std::string>;
  using Function = std::tuple<std::string, std::string, std::string>;

  std::uint32_t function(const Location& location) {
    const auto next = static_cast<std::uint32_t>(function_ids_.size());
    return function_ids_
        .try_emplace(Function(location.name(), location.file, location.module),
                     next)
        .first->second;
  }

  std::vector<const Location*> places_;
  std::vector<std::uint32_t> functions_;  // by place
  std::map<Function, std::uint32_t> function_ids_;
  std::map<Key, std::uint32_t> ids_;
  tsl::robin_map<const Location*, std::uint32_t> known_;
};

// A place in a path, and how often the function called itself there.
struct PathPart {
  std::uint32_t place = 0;
  std::uint32_t calls_itself = 0;
};

// The paths of all stacks, from the site outward, one behind the other.
class Paths {
 public:
  Paths(const model::Profile& profile, symbolize::Symbolizer& symbols,
        const SiteTable& sites, Places& places)
      : profile_(profile), symbols_(symbols), places_(places) {
    starts_.resize(profile.uses.size() + 1);
    for (StackId stack = 0; stack < profile.uses.size(); ++stack) {
      starts_[stack] = parts_.size();
      if (profile.uses[stack].allocations > 0) {
        append(sites.frame_of_stack[stack]);
      }
    }
    starts_.back() = parts_.size();
  }

  [[nodiscard]] std::size_t length(StackId stack) const {
    return starts_[stack + std::size_t{1}] - starts_[stack];
  }
  // The n-th from the site, or from the other end.
  [[nodiscard]] const PathPart& part(StackId stack, std::size_t n,
                                     bool from_site) const {
    return parts_[from_site ? starts_[stack] + n
                            : starts_[stack + std::size_t{1}] - 1 - n];
  }

 private:
  void append(const SiteFrame& site) {
    const std::size_t start = parts_.size();
    if (site.stack == model::kRootStack) return add(start, site.location);
    bool is_inside = true;  // of the site, in the wrappers
    for (StackId at = site.stack; at != model::kRootStack;
         at = profile_.stacks.outer(at)) {
      for (const Location* location :
           symbols_.resolve(profile_.stacks.frame(at))) {
        if (is_inside && location == site.location) is_inside = false;
        if (!is_inside) add(start, location);
      }
    }
  }

  void add(std::size_t start, const Location* location) {
    const std::uint32_t place = places_.id(location);
    if (parts_.size() > start) {
      PathPart& last = parts_.back();
      if (places_.is_same_function(last.place, place)) {
        ++last.calls_itself;
        return;
      }
    }
    parts_.push_back({place, 0});
  }

  const model::Profile& profile_;
  symbolize::Symbolizer& symbols_;
  Places& places_;
  std::vector<PathPart> parts_;
  std::vector<std::size_t> starts_;  // by StackId
};

class TreeFinder {
 public:
  TreeFinder(const model::Profile& profile, symbolize::Symbolizer& symbols,
             const SiteTable& sites, const TreeQuery& query)
      : profile_(profile),
        query_(query),
        paths_(profile, symbols, sites, places_) {}

  CallTree find(std::size_t top) && {
    open_root();
    std::size_t rows = 0;
    while (!closed_.empty() && (top == 0 || rows < top)) {
      std::pop_heap(closed_.begin(), closed_.end(), IsLess{});
      Closed next = std::move(closed_.back());
      closed_.pop_back();
      const bool goes_on = tree_.nodes[next.node.parent].is_link;
      open(std::move(next));
      if (!goes_on) ++rows;
      if (rows == top) show_links();
    }
    return finish();
  }

 private:
  struct Closed {
    TreeNode node;
    std::uint64_t measure = 0;
    std::uint64_t number = 0;  // in the order of their appearance
    std::vector<StackId> stacks;
  };
  struct IsLess {
    bool operator()(const Closed& a, const Closed& b) const {
      return std::tie(a.measure, b.number) < std::tie(b.measure, a.number);
    }
  };

  void open_root() {
    Closed root;
    for (StackId stack = 0; stack < profile_.uses.size(); ++stack) {
      const model::StackUse& use = profile_.uses[stack];
      if (use.allocations == 0) continue;
      add_use(root.node.use, use);
      root.stacks.push_back(stack);
    }
    tree_.query = query_;
    tree_.node_of_stack.assign(profile_.uses.size(),
                               model::TreeCounters::kNoNode);
    open(std::move(root));
    tree_.nodes.front().is_link = false;
  }

  // Into the table, and what is below it to the closed ones.
  void open(Closed closed) {
    const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
    TreeNode& node = closed.node;
    node.stacks = closed.stacks.size();
    if (index > 0) ++tree_.nodes[node.parent].shown;
    std::map<std::uint32_t, Closed> children;  // by place
    for (const StackId stack : closed.stacks) {
      tree_.node_of_stack[stack] = index;
      const model::StackUse& use = profile_.uses[stack];
      if (paths_.length(stack) <= node.depth) {
        add_use(node.self, use);
        continue;
      }
      const PathPart& part =
          paths_.part(stack, node.depth, query_.is_bottom_up);
      Closed& child = children[part.place];
      child.stacks.push_back(stack);
      add_use(child.node.use, use);
      child.node.calls_itself =
          std::max(child.node.calls_itself, part.calls_itself);
    }
    node.is_link = children.size() == 1 && node.self.allocations == 0;
    close_children(node, index, std::move(children));
    tree_.nodes.push_back(node);
  }

  void close_children(TreeNode& node, std::uint32_t index,
                      std::map<std::uint32_t, Closed> children) {
    std::vector<std::uint32_t> order;
    for (auto& [place, child] : children) {
      child.measure = measure_of(child.node.use, query_.by);
      if (child.measure > 0) order.push_back(place);
    }
    std::sort(order.begin(), order.end(),
              [this](auto a, auto b) { return places_.is_before(a, b); });
    node.children = static_cast<std::uint32_t>(order.size());
    for (const std::uint32_t place : order) {
      Closed& child = children[place];
      child.node.parent = index;
      child.node.depth = node.depth + 1;
      child.node.location = places_[place];
      child.number = next_number_++;
      closed_.push_back(std::move(child));
      std::push_heap(closed_.begin(), closed_.end(), IsLess{});
    }
  }

  // A chain that was begun is shown to its end.
  void show_links() {
    for (;;) {
      const auto next = std::find_if(
          closed_.begin(), closed_.end(), [this](const Closed& closed) {
            return closed.node.parent != 0 &&
                   tree_.nodes[closed.node.parent].is_link;
          });
      if (next == closed_.end()) return;
      Closed link = std::move(*next);
      closed_.erase(next);
      open(std::move(link));
    }
  }

  // From the order in which they were opened to that of a reader: each node is
  // followed by all that is below it.
  CallTree finish() {
    std::vector<std::vector<std::uint32_t>> children(tree_.nodes.size());
    for (std::uint32_t i = 1; i < tree_.nodes.size(); ++i) {
      children[tree_.nodes[i].parent].push_back(i);
    }
    std::vector<std::uint32_t> new_index(tree_.nodes.size());
    std::vector<TreeNode> nodes;
    std::vector<std::uint32_t> waiting{0};
    while (!waiting.empty()) {
      const std::uint32_t old = waiting.back();
      waiting.pop_back();
      new_index[old] = static_cast<std::uint32_t>(nodes.size());
      nodes.push_back(tree_.nodes[old]);
      nodes.back().parent = new_index[nodes.back().parent];
      // They were opened largest first.
      waiting.insert(waiting.end(), children[old].rbegin(),
                     children[old].rend());
    }
    tree_.nodes = std::move(nodes);
    for (std::uint32_t& node : tree_.node_of_stack) {
      if (node != model::TreeCounters::kNoNode) node = new_index[node];
    }
    return std::move(tree_);
  }

  const model::Profile& profile_;
  TreeQuery query_;
  Places places_;
  Paths paths_;
  CallTree tree_;
  std::vector<Closed> closed_;  // a heap, the largest first
  std::uint64_t next_number_ = 0;
};

}  // namespace

std::optional<TreeMeasure> find_tree_measure(std::string_view name) {
  for (const auto& one : kMeasures) {
    if (name == one.name) return one.measure;
  }
  return std::nullopt;
}

const char* name_of(TreeMeasure measure) {
  for (const auto& one : kMeasures) {
    if (measure == one.measure) return one.name;
  }
  return "";
}

std::uint64_t measure_of(const model::StackUse& use, TreeMeasure measure) {
  switch (measure) {
    case TreeMeasure::Peak:
      return use.peak_bytes;
    case TreeMeasure::Leaked:
      return use.live_bytes;
    case TreeMeasure::Allocated:
      return use.bytes_allocated;
    case TreeMeasure::Blocks:
      return use.peak_blocks;
    case TreeMeasure::Temporary:
      return use.temporary;
  }
  return 0;
}

CallTree find_call_tree(const model::Profile& profile,
                        symbolize::Symbolizer& symbols, const SiteTable& sites,
                        const TreeQuery& query, std::size_t top) {
  return TreeFinder(profile, symbols, sites, query).find(top);
}

// The nodes of a chain hold the same blocks: one counter does for all.  It is
// the last one's, which is in the table as well, or the chain would not be
// whole.
void count_over_time(CallTree& tree, const ReplayAgain& replay) {
  std::vector<std::uint32_t> counter(tree.nodes.size());
  std::vector<std::uint32_t> parents{0};
  std::vector<std::uint32_t> nearest(tree.nodes.size());  // in front of it
  for (std::size_t i = 1; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    nearest[i] = tree.nodes[node.parent].is_link ? nearest[node.parent]
                                                 : counter[node.parent];
    if (node.is_link && node.shown > 0) continue;
    counter[i] = static_cast<std::uint32_t>(parents.size());
    parents.push_back(nearest[i]);
  }
  for (std::size_t i = tree.nodes.size(); i-- > 1;) {
    const TreeNode& node = tree.nodes[i];
    if (node.parent != 0 && tree.nodes[node.parent].is_link) {
      counter[node.parent] = counter[i];
    }
  }
  std::vector<std::uint32_t> counter_of_stack = tree.node_of_stack;
  for (std::uint32_t& node : counter_of_stack) {
    if (node != model::TreeCounters::kNoNode) node = counter[node];
  }
  model::TreeCounters counters(parents, std::move(counter_of_stack));
  model::ReplayOptions again;
  again.heap_observer = &counters;
  static_cast<void>(replay(again));
  const std::vector<model::TreeCounters::Most> most = counters.finish();
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    TreeNode& node = tree.nodes[i];
    node.use.own_peak_bytes = most[counter[i]].bytes;
    node.use.own_peak_blocks = most[counter[i]].blocks;
    node.own_peak_ns = most[counter[i]].bytes_ns;
  }
}

}  // namespace sagemem::analysis
