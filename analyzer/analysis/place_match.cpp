// SPDX-License-Identifier: Apache-2.0
#include "analysis/place_match.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "symbolize/location.h"

namespace sagemem::analysis {
namespace {

using Indices = std::vector<std::uint32_t>;

// Beyond so many combinations, in generated code, only equal lines are paired.
constexpr std::size_t kMostCombinations = std::size_t{1} << 22;

// Copies of a function that compilers make have its name and one of these.
std::string without_clone(const std::string& function) {
  constexpr std::string_view kClones[] = {".constprop.", ".isra.", ".part.",
                                          ".lto_priv.",  ".cold",  " [clone "};
  std::size_t end = function.size();
  for (const std::string_view clone : kClones)
    end = std::min(end, function.find(clone));
  return function.substr(0, end);
}

// ------------------------------------------------------------ one function

// 1 for equal texts, 0 for those that have no two characters in a row in
// common (Dice's coefficient).
double text_likeness(const std::string& a, const std::string& b) {
  if (a == b) return 1;
  std::map<std::pair<char, char>, int> counts;
  for (std::size_t i = 1; i < a.size(); ++i) ++counts[{a[i - 1], a[i]}];
  std::size_t common = 0;
  for (std::size_t i = 1; i < b.size(); ++i)
    if (counts[{b[i - 1], b[i]}]-- > 0) ++common;
  const std::size_t all = a.size() + b.size();
  return all > 2
             ? 2 * static_cast<double>(common) / static_cast<double>(all - 2)
             : 0;
}

double ratio(std::uint64_t a, std::uint64_t b) {
  const auto [least, most] = std::minmax(a, b);
  return most == 0 ? 1 : static_cast<double>(least) / static_cast<double>(most);
}

bool have_text(const Place& a, const Place& b) {
  return !a.text.empty() && !b.text.empty();
}

// How much speaks for two sites of one function being one, from 0 to 7.
double likeness_of(const Place& a, const Place& b) {
  const auto mean = [](const Place& place) {
    return place.bytes_allocated /
           std::max(place.allocations, std::uint64_t{1});
  };
  return (have_text(a, b) ? 4 * text_likeness(a.text, b.text) : 0) +
         (a.line == b.line ? 1 : 0) + ratio(a.allocations, b.allocations) +
         ratio(mean(a), mean(b));
}

// Whether the source rules it out: another statement, with other blocks.
bool may_be_one(const Place& a, const Place& b) {
  constexpr double kSameStatement = 0.5;
  return !have_text(a, b) ||
         (a.allocations == b.allocations &&
          a.bytes_allocated == b.bytes_allocated) ||
         text_likeness(a.text, b.text) >= kSameStatement;
}

// Pairs two ordered lists without crossings, as many as there can be, and of
// those ways the one with the greatest likeness.
class Alignment {
 public:
  // `may_be`: whether two places can be one, by their indices.
  Alignment(std::span<const Place> before, std::span<const Place> after,
            const Indices& rows, const Indices& columns,
            const std::function<bool(std::uint32_t, std::uint32_t)>& may_be)
      : before_(before),
        after_(after),
        rows_(rows),
        columns_(columns),
        may_be_(may_be) {}

  template <typename Take>
  void run(const Take& take) {
    fill();
    for (std::size_t i = 0, j = 0; i < rows_.size() && j < columns_.size();) {
      switch (at(i, j).step) {
        case Step::Pair:
          take(rows_[i++], columns_[j++]);
          break;
        case Step::Gone:
          ++i;
          break;
        case Step::New:
          ++j;
          break;
      }
    }
  }

 private:
  enum class Step : std::uint8_t { Pair, Gone, New };
  struct Best {  // what is to be had from there on, and how it begins
    std::uint32_t pairs = 0;
    Step step = Step::Gone;
    double likeness = 0;
  };

  [[nodiscard]] Best& at(std::size_t i, std::size_t j) {
    return best_[i * (columns_.size() + 1) + j];
  }

  void fill() {
    best_.assign((rows_.size() + 1) * (columns_.size() + 1), {});
    for (std::size_t i = rows_.size(); i-- > 0;)
      for (std::size_t j = columns_.size(); j-- > 0;) choose(i, j);
  }

  void choose(std::size_t i, std::size_t j) {
    Best& best = at(i, j);
    const auto consider = [&best](std::uint32_t pairs, double likeness,
                                  Step step) {
      if (std::tie(pairs, likeness) > std::tie(best.pairs, best.likeness))
        best = {pairs, step, likeness};
    };
    best = at(i + 1, j);
    best.step = Step::Gone;
    consider(at(i, j + 1).pairs, at(i, j + 1).likeness, Step::New);
    if (may_be_(rows_[i], columns_[j])) {
      const Best& rest = at(i + 1, j + 1);
      consider(
          rest.pairs + 1,
          rest.likeness + likeness_of(before_[rows_[i]], after_[columns_[j]]),
          Step::Pair);
    }
  }

  std::span<const Place> before_;
  std::span<const Place> after_;
  const Indices& rows_;
  const Indices& columns_;
  const std::function<bool(std::uint32_t, std::uint32_t)>& may_be_;
  std::vector<Best> best_;
};

// --------------------------------------------------------------- all of them

class Matching {
 public:
  Matching(std::span<const Place> before, std::span<const Place> after)
      : before_(before),
        after_(after),
        is_old_done_(before.size()),
        is_new_done_(after.size()) {
    for (const Place& place : before)
      ++old_counts_[without_clone(place.function)];
    for (const Place& place : after)
      ++new_counts_[without_clone(place.function)];
  }

  // Narrow keys first: what they leave over is looked at with wider ones.
  std::vector<PlacePair> run() && {
    match([](const Place& place) {
      return Key{without_clone(place.function), place.file, place.module};
    });
    match([](const Place& place) {
      return Key{without_clone(place.function),
                 symbolize::base_name(place.file),
                 symbolize::base_name(place.module)};
    });
    match([](const Place& place) {
      return Key{without_clone(place.function), "",
                 symbolize::base_name(place.module)};
    });
    match([](const Place& place) {
      return Key{without_clone(place.function), "", ""};
    });
    std::sort(pairs_.begin(), pairs_.end(),
              [](const PlacePair& a, const PlacePair& b) {
                return a.before < b.before;
              });
    return std::move(pairs_);
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  struct Group {
    Indices before;
    Indices after;
  };

  template <typename KeyOf>
  void match(const KeyOf& key_of) {
    std::map<Key, Group> groups;
    for (std::uint32_t i = 0; i < before_.size(); ++i)
      if (!is_old_done_[i]) groups[key_of(before_[i])].before.push_back(i);
    for (std::uint32_t i = 0; i < after_.size(); ++i)
      if (!is_new_done_[i]) groups[key_of(after_[i])].after.push_back(i);
    for (auto& [key, group] : groups) align(group);
  }

  void align(Group& group) {
    if (group.before.empty() || group.after.empty()) return;
    sort_by_line(group.before, before_);
    sort_by_line(group.after, after_);
    if (group.before.size() * group.after.size() > kMostCombinations)
      return pair_equal_lines(group);
    Alignment(before_, after_, group.before, group.after,
              [this](std::uint32_t before, std::uint32_t after) {
                return may_be_one(before_[before], after_[after]) ||
                       are_only(before_[before], after_[after]);
              })
        .run([this](std::uint32_t before, std::uint32_t after) {
          pair(before, after);
        });
  }

  // Names of files decide only where lines are equal: a file that was renamed
  // may stand elsewhere in their order.
  static void sort_by_line(Indices& indices, std::span<const Place> places) {
    std::sort(
        indices.begin(), indices.end(),
        [&places](std::uint32_t a, std::uint32_t b) {
          return std::tie(places[a].line, places[a].file, places[a].module, a) <
                 std::tie(places[b].line, places[b].file, places[b].module, b);
        });
  }

  void pair_equal_lines(const Group& group) {
    auto after = group.after.begin();
    for (const std::uint32_t before : group.before) {
      const std::uint32_t line = before_[before].line;
      while (after != group.after.end() && after_[*after].line < line) ++after;
      if (after == group.after.end()) return;
      if (after_[*after].line == line) pair(before, *after++);
    }
  }

  // The only ones of their function are one, whatever they say.
  [[nodiscard]] bool are_only(const Place& before, const Place& after) const {
    return old_counts_.at(without_clone(before.function)) == 1 &&
           new_counts_.at(without_clone(after.function)) == 1;
  }

  void pair(std::uint32_t before, std::uint32_t after) {
    const Place& a = before_[before];
    const Place& b = after_[after];
    Likeness likeness = Likeness::Same;
    // A program that is called otherwise is no matter where files say enough.
    const bool has_files = !a.file.empty() && !b.file.empty();
    const std::string& old_home = has_files ? a.file : a.module;
    const std::string& new_home = has_files ? b.file : b.module;
    if (symbolize::base_name(old_home) != symbolize::base_name(new_home)) {
      likeness = Likeness::Renamed;
    } else if (a.line != b.line) {
      likeness = Likeness::Moved;
    }
    pairs_.push_back({before, after, likeness});
    is_old_done_[before] = true;
    is_new_done_[after] = true;
  }

  std::span<const Place> before_;
  std::span<const Place> after_;
  std::map<std::string, std::size_t> old_counts_;  // by function
  std::map<std::string, std::size_t> new_counts_;
  std::vector<bool> is_old_done_;
  std::vector<bool> is_new_done_;
  std::vector<PlacePair> pairs_;
};

}  // namespace

std::vector<PlacePair> match_places(std::span<const Place> before,
                                    std::span<const Place> after) {
  return Matching(before, after).run();
}

}  // namespace sagemem::analysis
