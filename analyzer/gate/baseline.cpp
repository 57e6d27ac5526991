// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "gate/lexer.h"
#include "gate/parse_expression.h"
#include "gate/site_keys.h"
#include "rules/fields.h"
#include "rules/text_file.h"

namespace sagemem::gate {
namespace {

constexpr std::int64_t kVersion = 1;

constexpr struct {
  std::string_view key;
  Band SiteBaseline::*band;
} kSiteFigures[] = {
    {"blocks", &SiteBaseline::blocks},
    {"bytes", &SiteBaseline::bytes},
    {"temporary", &SiteBaseline::temporary},
    {"peak_blocks", &SiteBaseline::peak_blocks},
    {"peak_bytes", &SiteBaseline::peak_bytes},
    {"leaked_blocks", &SiteBaseline::leaked_blocks},
    {"leaked_bytes", &SiteBaseline::leaked_bytes},
};

// ------------------------------------------------------------------- reading

class BaselineParser {
 public:
  BaselineParser(const rules::Fields& file, const std::string& source)
      : file_(file), source_(source) {}

  Baseline parse() {
    file_.allow_only(
        {"sagemem_baseline", "program", "runs", "figures", "sites"});
    if (!file_.has("sagemem_baseline"))
      file_.fail("no baseline: 'sagemem_baseline' is missing");
    if (file_.count("sagemem_baseline",
                    std::numeric_limits<std::int64_t>::max()) != kVersion)
      file_.fail(*file_.node("sagemem_baseline"),
                 "of a version that is not known here");
    Baseline result;
    result.program = file_.text("program");
    if (!file_.has("runs")) file_.fail("'runs' is missing");
    result.runs = file_.count("runs", 1'000'000);
    for (const auto& [key, node] : table("figures")) {
      const FigureUse use = figure(key);
      if (!result.figures.emplace(use.key(), band(node)).second)
        rules::fail(source_, key.source().begin, "a figure that stands twice");
    }
    for (const auto& [key, node] : table("sites"))
      result.sites.emplace(site_key(key), site(node));
    return result;
  }

 private:
  [[nodiscard]] const toml::table& table(std::string_view key) const {
    static const toml::table kEmpty;
    const toml::node* const node = file_.node(key);
    if (node == nullptr) return kEmpty;
    const toml::table* const table = node->as_table();
    if (table == nullptr) file_.fail(*node, fmt::format("write [{}]", key));
    return *table;
  }

  [[nodiscard]] FigureUse figure(const toml::key& key) const {
    try {
      return parse_figure(key.str());
    } catch (const ExpressionError& error) {
      rules::fail(source_, key.source().begin,
                  fmt::format("'{}': {}", key.str(), error.what()));
    }
  }

  [[nodiscard]] std::string site_key(const toml::key& key) const {
    if (!is_site_key(key.str()))
      rules::fail(source_, key.source().begin,
                  fmt::format("'{}' names no site", key.str()));
    return std::string(key.str());
  }

  [[nodiscard]] SiteBaseline site(const toml::node& node) const {
    const toml::table* const table = node.as_table();
    if (table == nullptr) file_.fail(node, "a site has a table");
    SiteBaseline result;
    for (const auto& [key, value] : *table) {
      const std::string_view name = key.str();
      const auto* const found =
          std::find_if(std::begin(kSiteFigures), std::end(kSiteFigures),
                       [name](const auto& one) { return one.key == name; });
      if (found == std::end(kSiteFigures))
        rules::fail(source_, key.source().begin,
                    fmt::format("'{}' is not known here", name));
      result.*found->band = band(value);
    }
    return result;
  }

  // 5, or [4, 5, 7].
  [[nodiscard]] Band band(const toml::node& node) const {
    const toml::array* const list = node.as_array();
    if (list == nullptr) return Band::at(number(node));
    if (list->size() != 3)
      file_.fail(node, "a band is [lowest, median, highest]");
    const Band band = {number((*list)[0]), number((*list)[1]),
                       number((*list)[2])};
    if (band.low > band.middle || band.middle > band.high)
      file_.fail(node, "a band goes from the lowest to the highest");
    return band;
  }

  [[nodiscard]] double number(const toml::node& node) const {
    if (const auto whole = node.value_exact<std::int64_t>())
      return static_cast<double>(*whole);
    const auto real = node.value_exact<double>();
    if (!real || !std::isfinite(*real)) file_.fail(node, "not a number");
    return *real;
  }

  const rules::Fields& file_;
  const std::string& source_;
};

// ------------------------------------------------------------------- writing

std::string number_text(double value) {
  constexpr double kMostExact = 9e15;
  if (value == std::floor(value) && std::abs(value) < kMostExact)
    return fmt::format("{}", static_cast<std::int64_t>(value));
  // As many digits as it takes to read the same number again.
  std::string text = fmt::format("{}", value);
  // TOML takes what has neither for an integer.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string band_text(const Band& band) {
  if (band.low == band.high) return number_text(band.middle);
  return fmt::format("[{}, {}, {}]", number_text(band.low),
                     number_text(band.middle), number_text(band.high));
}

// As TOML writes it.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\u{:04X}", unsigned{byte});
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string site_text(const SiteBaseline& site) {
  std::string text;
  for (const auto& [key, band] : kSiteFigures) {
    if (site.*band == Band{}) continue;
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key,
                        band_text(site.*band));
  }
  return text.empty() ? "{}" : fmt::format("{{ {} }}", text);
}

// ------------------------------------------------------------------- merging

struct Weighted {
  Band band;
  std::uint64_t runs;
};

Band merged(std::vector<Weighted> bands) {
  Band result = bands.front().band;
  std::uint64_t runs = 0;
  for (const Weighted& one : bands) {
    result.low = std::min(result.low, one.band.low);
    result.high = std::max(result.high, one.band.high);
    runs += one.runs;
  }
  std::sort(bands.begin(), bands.end(), [](const auto& a, const auto& b) {
    return a.band.middle < b.band.middle;
  });
  std::uint64_t below = 0;
  for (const Weighted& one : bands) {
    result.middle = one.band.middle;
    below += one.runs;
    if (2 * below >= runs) break;
  }
  return result;
}

// The lower one of two in the middle: a number that was seen.
std::map<std::string, Band> merged_figures(
    const std::vector<Baseline>& baselines) {
  std::map<std::string, std::vector<Weighted>> found;
  for (const Baseline& one : baselines) {
    for (const auto& [key, band] : one.figures)
      found[key].push_back({band, one.runs});
  }
  std::map<std::string, Band> result;
  for (auto& [key, bands] : found)
    result.emplace(key, merged(std::move(bands)));
  return result;
}

std::map<std::string, SiteBaseline> merged_sites(
    const std::vector<Baseline>& baselines) {
  std::set<std::string> keys;
  for (const Baseline& one : baselines) {
    for (const auto& [key, site] : one.sites) keys.insert(key);
  }
  std::map<std::string, SiteBaseline> result;
  for (const std::string& key : keys) {
    SiteBaseline& site = result[key];
    for (const auto& [name, band] : kSiteFigures) {
      std::vector<Weighted> bands;
      for (const Baseline& one : baselines) {
        // What a run did not have at all it had nothing of.
        const auto found = one.sites.find(key);
        bands.push_back(
            {found == one.sites.end() ? Band{} : found->second.*band,
             one.runs});
      }
      site.*band = merged(std::move(bands));
    }
  }
  return result;
}

}  // namespace

Baseline parse_baseline(std::string_view text, const std::string& source) {
  const toml::table table = rules::parse_toml(text, source);
  const rules::Fields file(table, source);
  return BaselineParser(file, source).parse();
}

Baseline load_baseline(const std::string& path) {
  return parse_baseline(rules::read_text_file(path, "a baseline"), path);
}

std::string to_text(const Baseline& baseline) {
  std::string text = fmt::format(
      "# Written by sagemem-report baseline; see sagemem-rules(5).\n"
      "sagemem_baseline = {}\n"
      "program = {}\n"
      "runs = {}\n"
      "\n"
      "[figures]\n",
      kVersion, quoted(baseline.program), baseline.runs);
  for (const auto& [key, band] : baseline.figures)
    text += fmt::format("{} = {}\n", quoted(key), band_text(band));
  text += "\n[sites]\n";
  for (const auto& [key, site] : baseline.sites)
    text += fmt::format("{} = {}\n", quoted(key), site_text(site));
  return text;
}

Baseline merge(const std::vector<Baseline>& baselines) {
  Baseline result;
  result.program = baselines.front().program;
  for (const Baseline& one : baselines) result.runs += one.runs;
  result.figures = merged_figures(baselines);
  result.sites = merged_sites(baselines);
  return result;
}

}  // namespace sagemem::gate
