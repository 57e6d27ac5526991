// SPDX-License-Identifier: Apache-2.0
//
// The output format of valgrind's massif, for ms_print and massif-visualizer:
// the heap over time, with a tree of callers of what was live at the peak and
// one of what was never released.  As in massif's own, what is below a
// hundredth of the whole is summed up.
//
//   n2: 1000 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.
//    n1: 990 0x0: load_forest (load_forest.c:37)
//     n0: 990 0x0: main (main.c:12)
//    n0: 10 in 3 places, all below massif's threshold (1.00%)
//
// ms_print takes what stands behind a # for a comment: it is written as \x23.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analysis/heap_curve.h"
#include "exports/exporter.h"

namespace sagemem::exports {
namespace {

using symbolize::Location;

constexpr std::size_t kSnapshots = 100;  // massif's own default
// Deeper callers are not told apart: the text grows with the square.
constexpr std::size_t kMaxDepth = 100;

struct Entry {
  Path path;  // innermost first
  std::uint64_t bytes = 0;
};
using Entries = std::span<const Entry>;

std::uint64_t sum_of(Entries entries) {
  std::uint64_t sum = 0;
  for (const Entry& entry : entries) sum += entry.bytes;
  return sum;
}

std::string place_text(const Location& place) {
  std::string text = clean(place.name());
  if (!place.file.empty())
    text += fmt::format(" ({}:{})", clean(symbolize::base_name(place.file)),
                        place.line);
  else if (!place.module.empty())
    text += fmt::format(" (in {})", clean(place.module));
  std::string escaped;
  for (const char c : text)
    escaped += c == '#' ? std::string("\\x23") : std::string(1, c);
  return escaped;
}

class Tree {
 public:
  Tree(report::Output& out, std::vector<Entry> entries)
      : out_(out), entries_(std::move(entries)), total_(sum_of(entries_)) {
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) {
                return std::lexicographical_compare(
                    a.path.begin(), a.path.end(), b.path.begin(), b.path.end(),
                    [](const Location* one, const Location* other) {
                      return one != other && is_before(*one, *other);
                    });
              });
  }

  void write() {
    write_node(entries_, 0,
               "(heap allocation functions) malloc/new/new[], --alloc-fns, "
               "etc.");
  }

 private:
  struct Child {
    Entries entries;
    std::uint64_t bytes = 0;
  };

  // Of nodes whose paths are alike up to `depth`.
  static std::vector<Child> children_of(Entries entries, std::size_t depth) {
    std::vector<Child> children;
    if (depth >= kMaxDepth) return children;
    for (std::size_t at = 0; at < entries.size();) {
      std::size_t end = at + 1;
      if (entries[at].path.size() > depth) {
        while (end < entries.size() &&
               entries[end].path[depth] == entries[at].path[depth])
          ++end;
        const Entries part = entries.subspan(at, end - at);
        children.push_back({part, sum_of(part)});
      }
      at = end;
    }
    std::stable_sort(
        children.begin(), children.end(),
        [](const Child& a, const Child& b) { return a.bytes > b.bytes; });
    return children;
  }

  [[nodiscard]] bool is_significant(std::uint64_t bytes) const {
    return bytes >= total_ / 100 + (total_ % 100 != 0 ? 1 : 0);
  }

  void write_node(Entries entries, std::size_t depth, const std::string& text) {
    const std::vector<Child> children = children_of(entries, depth);
    const auto small = std::find_if_not(
        children.begin(), children.end(),
        [this](const Child& child) { return is_significant(child.bytes); });
    const auto rest = static_cast<std::size_t>(children.end() - small);
    const std::size_t shown = children.size() - rest;
    out_.write(fmt::format("{}n{}: {} {}\n", std::string(depth, ' '),
                           shown + (rest > 0 ? 1 : 0), sum_of(entries), text));
    for (std::size_t i = 0; i < shown; ++i)
      write_node(
          children[i].entries, depth + 1,
          "0x0: " + place_text(*children[i].entries.front().path[depth]));
    if (rest == 0) return;
    std::uint64_t bytes = 0;
    for (auto child = small; child != children.end(); ++child)
      bytes += child->bytes;
    out_.write(fmt::format(
        "{}n0: {} in {} place{} below massif's threshold (1.00%)\n",
        std::string(depth + 1, ' '), bytes, rest, rest == 1 ? "," : "s, all"));
  }

  report::Output& out_;
  std::vector<Entry> entries_;
  std::uint64_t total_;
};

class Snapshots {
 public:
  explicit Snapshots(report::Output& out) : out_(out) {}

  void write(std::int64_t ns, std::uint64_t bytes, const char* tree) {
    out_.write(
        fmt::format("#-----------\nsnapshot={}\n#-----------\ntime={:.3f}\n"
                    "mem_heap_B={}\nmem_heap_extra_B=0\nmem_stacks_B=0\n"
                    "heap_tree={}\n",
                    count_++, static_cast<double>(ns) / 1e6, bytes, tree));
  }

 private:
  report::Output& out_;
  std::size_t count_ = 0;
};

std::vector<Entry> entries_of(const std::vector<Sample>& samples, Value value) {
  std::vector<Entry> entries;
  for (const Sample& sample : samples) {
    const std::uint64_t bytes = value_of(sample.use, value);
    if (bytes == 0) continue;
    entries.push_back({Path(sample.path.rbegin(), sample.path.rend()), bytes});
  }
  return entries;
}

}  // namespace

void write_massif(report::Output& out, const report::Subject& subject,
                  const ExportOptions& /*options*/) {
  const model::Profile& profile = subject.profile;
  const std::vector<Sample> samples = find_samples(subject);
  out.write(fmt::format("desc: (none)\ncmd: {}\ntime_unit: ms\n",
                        command_line(profile)));
  Snapshots snapshots(out);
  snapshots.write(0, 0, "empty");
  const auto curve = analysis::heap_curve(profile, kSnapshots);
  bool is_peak_due = profile.peak.bytes > 0;
  const auto write_peak = [&] {
    is_peak_due = false;
    snapshots.write(profile.peak.time_ns, profile.peak.bytes, "peak");
    Tree(out, entries_of(samples, Value::Peak)).write();
  };
  for (std::size_t i = 0; i + 1 < curve.size(); ++i) {
    const auto share =
        static_cast<double>(i + 1) / static_cast<double>(curve.size());
    const auto ns = static_cast<std::int64_t>(
        static_cast<double>(profile.duration_ns) * share);
    if (is_peak_due && profile.peak.time_ns <= ns) write_peak();
    snapshots.write(ns, curve[i], "empty");
  }
  if (is_peak_due) write_peak();
  snapshots.write(profile.duration_ns, profile.leaked_bytes, "detailed");
  Tree(out, entries_of(samples, Value::Leaked)).write();
}

}  // namespace sagemem::exports
