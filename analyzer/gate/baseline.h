// SPDX-License-Identifier: Apache-2.0
//
// What runs were like when they were as they should be: figures and sites by
// names that do not change when the program is built again, in a text that is
// made for being checked in.
//
//   [figures]
//   "leaked.bytes" = 0
//   "peak.bytes" = [12951216, 12951216, 12963504]     lowest, median, highest
//
//   [sites]
//   "load_forest load_forest.c #1" = { blocks = 200, bytes = 104857600, .. }
//
// One line for each, in the order of their names: a change is a line of a diff,
// and two changes merge unless they are about the same figure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/quantity.h"

namespace sagemem::gate {

struct SiteBaseline {
  Band blocks = {};  // allocated
  Band bytes = {};
  Band temporary = {};
  Band peak_bytes = {};  // live at the peak of the heap
  Band peak_blocks = {};
  Band leaked_bytes = {};
  Band leaked_blocks = {};
};

struct Baseline {
  std::string program;
  std::uint64_t runs = 0;
  std::map<std::string, Band> figures;        // by FigureUse::key()
  std::map<std::string, SiteBaseline> sites;  // by site_keys()
};

// Throws rules::RuleError; `source` is what it calls the text.
[[nodiscard]] Baseline parse_baseline(std::string_view text,
                                      const std::string& source);
[[nodiscard]] Baseline load_baseline(const std::string& path);

[[nodiscard]] std::string to_text(const Baseline& baseline);

// One of all, which are not empty: bands reach from the lowest to the highest;
// the median is that of the medians, each as often as it has runs.
[[nodiscard]] Baseline merge(const std::vector<Baseline>& baselines);

}  // namespace sagemem::gate
