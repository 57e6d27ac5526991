// SPDX-License-Identifier: Apache-2.0
//
// Call trees of random programs.  The own peaks, which TreeCounters tells late
// and by differences, are compared with two other exact ways: the counters of
// groups, which are told of each block at once, and the slow model, summed up
// over the stacks of each node after every step.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "analysis/call_tree.h"
#include "model/replay.h"
#include "model/tree_counters.h"
#include "random_program.h"
#include "slow_model.h"
#include "text_trace.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using analysis::CallTree;
using analysis::TreeMeasure;
using analysis::TreeNode;
using test::Stack;
using Path = std::vector<std::string>;

// Few functions, so that they call themselves, and two lines of each.
std::string function_of(std::uint64_t pc) {
  return fmt::format("f{}", pc / 16 % 3);
}
std::uint32_t line_of(std::uint64_t pc) {
  return 1 + static_cast<std::uint32_t>(pc % 2);
}
std::string text_of(const std::string& function, std::uint32_t line) {
  return fmt::format("{}:{}", function, line);
}

// From the outermost on; of calls to itself the innermost counts.
Path path_of(const Stack& stack, bool is_bottom_up) {
  Path path;
  std::string last;
  for (const std::uint64_t pc : stack) {
    const std::string function = function_of(pc);
    if (function == last) path.pop_back();
    path.push_back(text_of(function, line_of(pc)));
    last = function;
  }
  if (stack.empty()) path.emplace_back("[no stack]:0");
  if (is_bottom_up) std::reverse(path.begin(), path.end());
  return path;
}

Path path_of(const CallTree& tree, std::uint32_t index) {
  Path path;
  for (; index != 0; index = tree.nodes[index].parent) {
    const symbolize::Location& location = *tree.nodes[index].location;
    path.push_back(text_of(location.function, location.line));
  }
  std::reverse(path.begin(), path.end());
  return path;
}

struct SlowNode {
  test::SlowUse use;
  std::uint64_t now = 0;
  std::uint64_t blocks = 0;
  std::uint64_t most = 0;
  std::uint64_t most_blocks = 0;
  std::uint64_t most_ticks = 0;
};

class SlowTree {
 public:
  explicit SlowTree(bool is_bottom_up) : is_bottom_up_(is_bottom_up) {}

  void after(const test::Step& step, const test::SlowModel& model) {
    for (auto& [path, node] : nodes) node.now = node.blocks = 0;
    for (const auto& [stack, use] : model.uses) {
      for (SlowNode* node : above(stack)) {
        node->now += use.live_bytes;
        node->blocks += use.live_blocks;
      }
    }
    for (auto& [path, node] : nodes) {
      node.most_blocks = std::max(node.most_blocks, node.blocks);
      if (node.now <= node.most) continue;
      node.most = node.now;
      node.most_ticks = step.ticks;
    }
  }

  void finish(const test::SlowModel& model) {
    for (const auto& [stack, use] : model.uses) {
      for (SlowNode* node : above(stack)) {
        node->use.allocations += use.allocations;
        node->use.bytes_allocated += use.bytes_allocated;
        node->use.temporary += use.temporary;
        node->use.peak_bytes += use.peak_bytes;
        node->use.peak_blocks += use.peak_blocks;
        node->use.live_bytes += use.live_bytes;
      }
    }
  }

  std::map<Path, SlowNode> nodes;

 private:
  const std::vector<SlowNode*>& above(const Stack& stack) {
    std::vector<SlowNode*>& known = above_[stack];
    if (!known.empty()) return known;
    Path path = path_of(stack, is_bottom_up_);
    for (;; path.pop_back()) {
      known.push_back(&nodes[path]);
      if (path.empty()) return known;
    }
  }

  bool is_bottom_up_;
  std::map<Stack, std::vector<SlowNode*>> above_;
};

struct Run {
  explicit Run(std::vector<std::uint8_t> trace,
               const model::BlockFilter& chosen = {})
      : bytes(std::move(trace)),
        file(decode::wrap_bytes(bytes)),
        filter(chosen),
        profile(replay({})),
        symbols(profile.modules) {
    for (model::StackId id = 1; id < profile.stacks.size(); ++id) {
      const model::Frame& frame = profile.stacks.frame(id);
      symbolize::Location location;
      location.function = function_of(frame.offset);
      location.file = "a.c";
      location.line = line_of(frame.offset);
      symbols.learn(frame, {location});
    }
    sites = analysis::find_sites(profile, symbols, {});
  }

  CallTree tree(const analysis::TreeQuery& query, std::size_t top) {
    CallTree tree =
        analysis::find_call_tree(profile, symbols, sites, query, top);
    analysis::count_over_time(
        tree, [this](const auto& again) { return replay(again); });
    return tree;
  }

  [[nodiscard]] model::Profile replay(model::ReplayOptions again) const {
    again.filter = filter;
    return model::replay(file, again);
  }

  std::vector<std::uint8_t> bytes;
  decode::TraceFile file;
  model::BlockFilter filter;
  model::Profile profile;
  symbolize::Symbolizer symbols;
  analysis::SiteTable sites;
};

std::vector<test::Step> random_steps(std::uint64_t seed) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = 10 + seed * 37 % 90;
  program.threads = 1 + static_cast<std::uint32_t>(seed % 4);
  program.max_live = 1 + seed * 13 % 30;
  program.max_depth = 1 + seed % 7;
  program.has_unknown = seed % 4 == 0;
  return test::make_program(program);
}

std::vector<std::uint8_t> trace_of(const std::vector<test::Step>& steps) {
  test::TraceBuilder trace;
  append(steps, trace);
  return trace.bytes();
}

void compare_with_slow(const CallTree& tree, const SlowTree& slow) {
  std::size_t with_part = 1;  // the root
  for (const auto& [path, node] : slow.nodes) {
    if (!path.empty() && node.use.bytes_allocated > 0) ++with_part;
  }
  REQUIRE(tree.nodes.size() == with_part);
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
    const TreeNode& got = tree.nodes[i];
    const auto found = slow.nodes.find(path_of(tree, i));
    if (found == slow.nodes.end()) {  // nothing was ever allocated
      REQUIRE(tree.nodes.size() == 1);
      return;
    }
    const SlowNode& want = found->second;
    REQUIRE(got.use.own_peak_bytes == want.most);
    REQUIRE(got.use.own_peak_blocks == want.most_blocks);
    REQUIRE(got.own_peak_ns == static_cast<std::int64_t>(want.most_ticks));
    REQUIRE(got.use.allocations == want.use.allocations);
    REQUIRE(got.use.bytes_allocated == want.use.bytes_allocated);
    REQUIRE(got.use.temporary == want.use.temporary);
    REQUIRE(got.use.peak_bytes == want.use.peak_bytes);
    REQUIRE(got.use.peak_blocks == want.use.peak_blocks);
    REQUIRE(got.use.live_bytes == want.use.live_bytes);
  }
}

// A replay that counts for each node the blocks of its stacks.
void compare_with_groups(const CallTree& tree, const Run& run) {
  model::StackGroups groups;
  for (model::StackId id = 0; id < run.profile.stacks.size(); ++id) {
    std::vector<std::uint32_t> above;
    std::uint32_t node = tree.node_of_stack[id];
    while (node != model::TreeCounters::kNoNode) {
      above.push_back(node);
      node = node == 0 ? model::TreeCounters::kNoNode : tree.nodes[node].parent;
    }
    groups.append(above);
  }
  model::ReplayOptions options;
  options.groups = &groups;
  options.group_count = tree.nodes.size();
  const model::Profile profile = run.replay(options);
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
    const model::GroupUse& want = profile.groups[i];
    REQUIRE(tree.nodes[i].use.own_peak_bytes == want.most_bytes);
    REQUIRE(tree.nodes[i].use.own_peak_blocks == want.most_blocks);
    REQUIRE(tree.nodes[i].own_peak_ns == want.most_bytes_ns);
  }
}

void check_order(const CallTree& tree) {
  for (std::uint32_t i = 1; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    REQUIRE(node.parent < i);
    REQUIRE(node.depth == tree.nodes[node.parent].depth + 1);
    REQUIRE(tree.measure(node) <= tree.measure(tree.nodes[node.parent]));
    const bool is_next = tree.nodes[i - 1].depth >= node.depth;
    REQUIRE((is_next || node.parent == i - 1));
  }
}

// What an observer may rely on: that it knows every block and every ticket that
// it is told of, and no block that is not chosen.
class Bookkeeper : public model::HeapObserver {
 public:
  explicit Bookkeeper(model::Range<std::uint64_t> sizes) : sizes_(sizes) {}

  void allocate(const Place& place) override {
    REQUIRE(sizes_.holds(place.block.size));
    REQUIRE(place.block.is_counted());
    REQUIRE(live_.emplace(place.address, place.block.size).second);
    ++births;
  }
  void release(std::uint64_t address, const model::Block& block) override {
    remove(live_, address, block);
    ++deaths;
  }
  Ticket begin_move(std::uint64_t address, const model::Block& block) override {
    remove(live_, address, block);
    moving_.emplace(++tickets_, block.size);
    return tickets_;
  }
  void end_move(Ticket ticket, const model::Block& old,
                const Place& place) override {
    release_moving(ticket, old);
    allocate(place);
  }
  void cancel_move(Ticket ticket, std::uint64_t address,
                   const model::Block& block) override {
    remove(moving_, ticket, block);
    REQUIRE(live_.emplace(address, block.size).second);
  }
  void release_moving(Ticket ticket, const model::Block& block) override {
    remove(moving_, ticket, block);
    ++deaths;
  }

  void compare(const model::Profile& profile) const {
    std::uint64_t bytes = 0;
    for (const auto& [address, size] : live_) bytes += size;
    REQUIRE(moving_.empty());
    REQUIRE(live_.size() == profile.leaked_blocks);
    REQUIRE(bytes == profile.leaked_bytes);
    REQUIRE(births == profile.totals.allocations);
    REQUIRE(deaths == profile.totals.allocations - profile.leaked_blocks);
  }

  std::uint64_t births = 0;
  std::uint64_t deaths = 0;

 private:
  using Sizes = std::map<std::uint64_t, std::uint64_t>;
  static void remove(Sizes& from, std::uint64_t key,
                     const model::Block& block) {
    const auto found = from.find(key);
    REQUIRE(found != from.end());
    REQUIRE(found->second == block.size);
    from.erase(found);
  }

  model::Range<std::uint64_t> sizes_;
  Sizes live_;
  Sizes moving_;
  Ticket tickets_ = 0;
};

}  // namespace

TEST_CASE("observers know only the blocks that a filter chooses") {
  std::uint64_t births = 0;
  std::uint64_t all = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    const model::Range<std::uint64_t> sizes{seed % 3 == 0 ? 0 : 32u << seed % 7,
                                            std::uint64_t{4096} << seed % 11};
    model::BlockFilter filter;
    filter.sizes = {sizes};
    Run run(trace_of(random_steps(seed)), filter);
    Bookkeeper books(sizes);
    model::ReplayOptions options;
    options.heap_observer = &books;
    books.compare(run.replay(options));
    const CallTree tree = run.tree({false, TreeMeasure::Allocated}, 0);
    compare_with_groups(tree, run);
    check_order(tree);
    births += books.births;
    all += model::replay(run.file).totals.allocations;
  }
  CHECK(births > all / 5);
  CHECK(births < all * 4 / 5);
}

TEST_CASE("inclusive peaks of 1000 random traces, by three methods") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    const bool is_bottom_up = seed % 2 == 0;
    const std::vector<test::Step> steps = random_steps(seed);
    SlowTree slow(is_bottom_up);
    slow.finish(test::run_slowly(
        steps, [&slow](const test::Step& step, const test::SlowModel& model) {
          slow.after(step, model);
        }));
    Run run(trace_of(steps));
    const CallTree tree = run.tree({is_bottom_up, TreeMeasure::Allocated}, 0);
    compare_with_slow(tree, slow);
    compare_with_groups(tree, run);
    check_order(tree);
  }
}

TEST_CASE("the largest nodes of random traces, by every measure") {
  constexpr TreeMeasure kMeasures[] = {
      TreeMeasure::Peak, TreeMeasure::Leaked, TreeMeasure::Allocated,
      TreeMeasure::Blocks, TreeMeasure::Temporary};
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Run run(trace_of(random_steps(seed)));
    const analysis::TreeQuery query{seed % 2 == 0, kMeasures[seed % 5]};
    const CallTree all = run.tree(query, 0);
    const CallTree some = run.tree(query, 1 + seed % 6);
    std::map<Path, TreeNode> wanted;
    for (std::uint32_t i = 0; i < all.nodes.size(); ++i) {
      wanted[path_of(all, i)] = all.nodes[i];
      if (i > 0) REQUIRE(all.measure(all.nodes[i]) > 0);
      REQUIRE(all.nodes[i].shown == all.nodes[i].children);
    }
    std::size_t rows = 0;
    std::uint64_t least = ~std::uint64_t{0};
    for (std::uint32_t i = 0; i < some.nodes.size(); ++i) {
      const Path path = path_of(some, i);
      const TreeNode& want = wanted.at(path);
      REQUIRE(some.nodes[i].use.own_peak_bytes == want.use.own_peak_bytes);
      REQUIRE(some.nodes[i].own_peak_ns == want.own_peak_ns);
      REQUIRE(some.nodes[i].use.peak_bytes == want.use.peak_bytes);
      REQUIRE(some.nodes[i].children == want.children);
      wanted.erase(path);
      least = std::min(least, some.measure(some.nodes[i]));
      if (i > 0 && !some.nodes[some.nodes[i].parent].is_link) ++rows;
    }
    for (const auto& [path, node] : wanted)
      REQUIRE(some.measure(node) <= least);
    REQUIRE(rows <= 1 + seed % 6);
    REQUIRE((wanted.empty() || rows == 1 + seed % 6));
    check_order(some);
  }
}

TEST_CASE("the parts of a node had their peaks at different times") {
  test::FrameNames names;
  const std::vector<std::uint8_t> bytes = test::text_to_trace(R"(
    10 t1 malloc 100 -> 0x1000 @ 0x10/0x20
    20 t1 free 0x1000
    30 t1 malloc 70 -> 0x2000 @ 0x10/0x30
    40 t1 malloc 10 -> 0x3000 @ 0x10/0x20
  )",
                                                              names)
                                              .bytes();
  Run run(bytes);
  const CallTree tree = run.tree({false, TreeMeasure::Leaked}, 0);
  REQUIRE(tree.nodes.size() == 4);
  CHECK(tree.nodes[1].use.own_peak_bytes == 100);  // 170 in sum, 100 and 80
  CHECK(tree.nodes[1].own_peak_ns == 10);
  CHECK(tree.nodes[1].use.live_bytes == 80);
  CHECK(tree.nodes[2].use.own_peak_bytes == 70);
  CHECK(tree.nodes[3].use.own_peak_bytes == 100);
}
