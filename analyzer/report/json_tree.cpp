// SPDX-License-Identifier: Apache-2.0
#include "analysis/call_tree.h"
#include "report/json_parts.h"
#include "report/table.h"
#include "report/tree.h"

namespace sagemem::report {
namespace {

analysis::CallTree make_tree(const Subject& subject) {
  analysis::CallTree tree =
      analysis::find_call_tree(subject.profile, subject.symbols, subject.sites,
                               subject.query.tree, subject.top);
  analysis::count_over_time(tree, subject.replay);
  return tree;
}

Json json_node(const Subject& subject, const analysis::CallTree& tree,
               std::uint32_t index) {
  const analysis::TreeNode& node = tree.nodes[index];
  Json json;
  json["id"] = index;
  json["parent"] = index == 0 ? Json(nullptr) : Json(node.parent);
  json["depth"] = node.depth;
  if (node.location != nullptr) {
    json.update(json_location(*node.location));
  } else {
    for (const char* key : {"function", "file", "line", "module"}) {
      json[key] = nullptr;
    }
  }
  json["calls_itself"] = node.calls_itself;
  add_use(json, node.use);
  json["own_peak_bytes"] = node.use.own_peak_bytes;
  json["own_peak_time_ns"] = shown_time(subject, node.own_peak_ns);
  json["own_peak_blocks"] = node.use.own_peak_blocks;
  json["self"] = measure_of(node.self, tree.query.by);
  json["stacks"] = node.stacks;
  json["children"] = node.children;
  return json;
}

}  // namespace

Json tree_json(const Subject& subject) {
  const analysis::CallTree tree = make_tree(subject);
  Json json = json_head(subject, "tree");
  json["direction"] = tree.query.is_bottom_up ? "bottom_up" : "top_down";
  json["measure"] = name_of(tree.query.by);
  Json nodes = Json::array();
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
    nodes.push_back(json_node(subject, tree, i));
  }
  json["nodes"] = std::move(nodes);
  return json;
}

void tree_csv(Output& out, const Subject& subject) {
  const analysis::CallTree tree = make_tree(subject);
  Table table;
  table.columns = {{"id", nullptr},
                   {"parent", nullptr},
                   {"depth", nullptr},
                   {"calls_itself", nullptr},
                   {"allocations", nullptr},
                   {"bytes_allocated", nullptr, Unit::Bytes},
                   {"temporary", nullptr},
                   {"peak_bytes", nullptr, Unit::Bytes},
                   {"peak_blocks", nullptr},
                   {"leaked_bytes", nullptr, Unit::Bytes},
                   {"leaked_blocks", nullptr},
                   {"own_peak_bytes", nullptr, Unit::Bytes},
                   {"own_peak_time_ns", nullptr, Unit::Time},
                   {"own_peak_blocks", nullptr},
                   {"self", nullptr},
                   {"stacks", nullptr},
                   {"children", nullptr}};
  add_site_columns(table);
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
    const analysis::TreeNode& node = tree.nodes[i];
    const model::StackUse& use = node.use;
    std::vector<Cell> row = {std::uint64_t{i},
                             i == 0 ? Cell() : Cell(std::uint64_t{node.parent}),
                             std::uint64_t{node.depth},
                             std::uint64_t{node.calls_itself},
                             use.allocations,
                             use.bytes_allocated,
                             use.temporary,
                             use.peak_bytes,
                             use.peak_blocks,
                             use.live_bytes,
                             use.live_blocks,
                             use.own_peak_bytes,
                             node.own_peak_ns,
                             use.own_peak_blocks,
                             measure_of(node.self, tree.query.by),
                             node.stacks,
                             std::uint64_t{node.children}};
    if (node.location != nullptr) add_site_cells(row, *node.location);
    row.resize(table.columns.size());
    table.rows.push_back(std::move(row));
  }
  write_csv(out, table, subject);
}

}  // namespace sagemem::report
