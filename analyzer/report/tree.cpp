// SPDX-License-Identifier: Apache-2.0
#include "report/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "analysis/call_tree.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::CallTree;
using analysis::TreeMeasure;
using analysis::TreeNode;

// Columns in front of the names: share, measure, own peak.
constexpr std::size_t kNumbers = 32;
// Deeper rows are not indented any further: names need the room.
constexpr std::size_t kDeepest = 5;
// What a name with its place needs; what leads to it gets the rest.
constexpr std::size_t kLeastPlace = 32;
constexpr std::size_t kLeastFile = 22;  // of which the file

struct Words {
  const char* column;
  const char* note;
};

Words words_of(TreeMeasure measure) {
  switch (measure) {
    case TreeMeasure::Peak:
      return {"at peak", "by bytes at the peak"};
    case TreeMeasure::Leaked:
      return {"unreleased", "by bytes never released"};
    case TreeMeasure::Allocated:
      return {"allocated", "by bytes allocated"};
    case TreeMeasure::Blocks:
      return {"at peak", "by blocks at the peak"};
    case TreeMeasure::Temporary:
      return {"temporary", "by temporary allocations"};
  }
  return {"", ""};
}

class TreePrinter {
 public:
  TreePrinter(Page& page, const CallTree& tree)
      : page_(page), tree_(tree), rest_(tree.nodes.size()) {
    for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
      rest_[i] += tree.measure(tree.nodes[i]) -
                  measure_of(tree.nodes[i].self, tree.query.by);
      if (i > 0) rest_[tree.nodes[i].parent] -= tree.measure(tree.nodes[i]);
    }
  }

  void print() {
    const TreeNode& root = tree_.nodes.front();
    indent_.assign(tree_.nodes.size(), 0);
    page_.line(page_.paint(
        Tone::Dim, fmt::format("{:>8}{:>11}{:>11}", "share",
                               words_of(tree_.query.by).column, "own peak")));
    std::vector<std::uint32_t> open{0};  // nodes whose children are being shown
    for (std::uint32_t i = 1; i < tree_.nodes.size(); ++i) {
      close_down_to(open, tree_.nodes[i].parent);
      open.push_back(i);
      const TreeNode& parent = tree_.nodes[tree_.nodes[i].parent];
      indent_[i] = indent_[tree_.nodes[i].parent] +
                   (&parent == &root || parent.is_link ? 0 : 1);
      if (tree_.nodes[i].is_link) {
        chain_.push_back(i);
        continue;
      }
      print_row(i);
      chain_.clear();
    }
    close_down_to(open, 0);
    print_rest(0);
  }

 private:
  // What was left out below each node is said where its children end.
  void close_down_to(std::vector<std::uint32_t>& open, std::uint32_t node) {
    while (open.back() != node) {
      print_rest(open.back());
      open.pop_back();
    }
  }

  [[nodiscard]] std::string amount(std::uint64_t value) const {
    const bool is_bytes = tree_.query.by != TreeMeasure::Blocks &&
                          tree_.query.by != TreeMeasure::Temporary;
    return is_bytes ? format_bytes(value) : format_count(value);
  }

  [[nodiscard]] std::string own_peak(const TreeNode& node) const {
    return tree_.query.by == TreeMeasure::Blocks
               ? format_count(node.use.own_peak_blocks)
               : format_bytes(node.use.own_peak_bytes);
  }

  [[nodiscard]] std::string numbers(std::uint64_t value,
                                    const std::string& own_peak) const {
    return fmt::format(
        "{}{}{}  ",
        pad_left(format_share(value, tree_.measure(tree_.nodes.front())), 8),
        page_.paint(Tone::Strong, pad_left(amount(value), 11)),
        pad_left(own_peak, 11));
  }

  [[nodiscard]] std::string indentation(std::size_t depth) const {
    return std::string(2 * std::min(depth, kDeepest), ' ');
  }

  // The functions that lead to the node, the middle ones left out where there
  // is no room, and the node itself with its place.  Bottom-up the chain begins
  // with what matters, the site, and its callers come behind.
  void print_row(std::uint32_t index) {
    const TreeNode& node = tree_.nodes[index];
    const std::string space = indentation(indent_[index]);
    const std::size_t used = kNumbers + space.size();
    const std::size_t room =
        std::max(kLeastPlace, page_.width() - std::min(page_.width(), used));
    const bool is_led_by_site = tree_.query.is_bottom_up && !chain_.empty();
    const std::string text =
        is_led_by_site ? callers_text(index, room) : callee_text(node, room);
    page_.line(numbers(tree_.measure(node), own_peak(node)) + space + text);
  }

  [[nodiscard]] std::string name(std::uint32_t index) const {
    constexpr std::size_t kLongest = 24;
    const TreeNode& node = tree_.nodes[index];
    const std::string again = node.calls_itself > 0
                                  ? fmt::format(" (x{})", node.calls_itself + 1)
                                  : "";
    return shorten_function(page_.clean(node.location->name()), kLongest) +
           again;
  }

  [[nodiscard]] std::string callee_text(const TreeNode& node,
                                        std::size_t room) const {
    const std::string again = node.calls_itself > 0
                                  ? fmt::format(" (x{})", node.calls_itself + 1)
                                  : "";
    const std::size_t for_place =
        room - std::min(again.size(), room - kLeastPlace);
    const std::size_t wanted =
        std::max(kLeastPlace, columns_of(page_.clean(node.location->name())) +
                                  kLeastFile + 2);
    const std::string chain =
        chain_text(for_place - std::min(for_place, wanted));
    return chain +
           place_text(page_, *node.location, for_place - columns_of(chain)) +
           again;
  }

  [[nodiscard]] std::string chain_text(std::size_t room) const {
    constexpr std::string_view kLeftOut = ".. > ";
    if (chain_.empty() || room < kLeftOut.size()) return "";
    std::string whole;
    for (const std::uint32_t i : chain_) whole += name(i) + " > ";
    if (columns_of(whole) <= room) return whole;
    std::string text = name(chain_.front()) + " > ";
    if (chain_.size() > 1) text += kLeftOut;
    return columns_of(text) <= room ? text : std::string(kLeftOut);
  }

  // As many callers as there is room for.
  [[nodiscard]] std::string callers_text(std::uint32_t last,
                                         std::size_t room) const {
    const symbolize::Location& site = *tree_.nodes[chain_.front()].location;
    std::string callers;
    for (std::size_t i = 1; i <= chain_.size(); ++i) {
      const std::string more =
          " < " + name(i < chain_.size() ? chain_[i] : last);
      const std::size_t wanted = columns_of(page_.clean(site.name())) +
                                 columns_of(callers + more) + kLeastFile + 2;
      if (wanted > room) break;
      callers += more;
    }
    if (callers.empty()) return place_text(page_, site, room);
    // The place stays that of the site.
    const std::string place =
        place_text(page_, site, room - columns_of(callers));
    const std::string function = page_.clean(site.name());
    if (!place.starts_with(function)) return place_text(page_, site, room);
    return function + page_.paint(Tone::Dim, callers) +
           place.substr(function.size());
  }

  void print_rest(std::uint32_t index) {
    const TreeNode& node = tree_.nodes[index];
    const std::uint32_t hidden = node.children - node.shown;
    // A site that nothing is below of is all itself, and needs no saying so.
    const bool is_inner = node.shown > 0;
    const std::uint64_t self = measure_of(node.self, tree_.query.by);
    if (hidden > 0 && is_inner) {
      line_of_rest(index, rest_[index],
                   "and " + format_things(hidden, "other"));
    }
    if (self > 0 && is_inner) line_of_rest(index, self, "itself");
  }

  void line_of_rest(std::uint32_t index, std::uint64_t value,
                    const std::string& text) {
    page_.line(numbers(value, "") +
               indentation(indent_[index] + (index == 0 ? 0 : 1)) +
               page_.paint(Tone::Dim, text));
  }

  Page& page_;
  const CallTree& tree_;
  std::vector<std::uint64_t> rest_;   // by node: of children not shown
  std::vector<std::size_t> indent_;   // by node
  std::vector<std::uint32_t> chain_;  // links that lead to the next row
};

}  // namespace

void print_tree(Page& page, const Subject& subject) {
  CallTree tree =
      analysis::find_call_tree(subject.profile, subject.symbols, subject.sites,
                               subject.query.tree, subject.top);
  analysis::count_over_time(tree, subject.replay);
  print_run_facts(page, subject);
  page.heading(tree.query.is_bottom_up ? "CALL TREE, FROM THE SITES OUTWARD"
                                       : "CALL TREE",
               words_of(tree.query.by).note);
  if (tree.nodes.size() > 1) {
    TreePrinter(page, tree).print();
  } else {
    page.line("  Nothing to show.");
  }
  print_missing_symbols(page, subject);
}

}  // namespace sagemem::report
