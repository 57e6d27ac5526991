// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/scope_trends.h"
#include "report/facts.h"
#include "report/scope_lines.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::ScopeGroup;
using model::ScopeProfile;

std::string number_text(double value) {
  return format_count(
      static_cast<std::uint64_t>(std::llround(std::max(value, 0.0))));
}

std::string bytes_text(double bytes) {
  return format_bytes(
      static_cast<std::uint64_t>(std::llround(std::max(bytes, 0.0))));
}

void print_outliers(Page& page, const ScopeProfile& profile,
                    const analysis::CostModel& model) {
  if (model.outliers.empty()) return;
  constexpr std::size_t kNamed = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(model.outliers.size(), kNamed); ++i) {
    const analysis::ScopeOutlier& one = model.outliers[i];
    text += fmt::format("{}{} ({:.1f} times)", i == 0 ? "" : ", ",
                        profile.scopes[one.scope].number, one.factor);
  }
  if (model.outliers.size() > kNamed) {
    text += fmt::format(" and {} more", model.outliers.size() - kNamed);
  }
  page.field("", fmt::format("above it: {}", text));
}

void print_prediction(Page& page, const analysis::CostModel& model,
                      double size) {
  const double peak = model.peak_at(size);
  const double high = peak * std::max(model.large_high_factor, 1.0);
  std::string text = fmt::format(
      "{} {}: {} of its own by that, {} to {} as the largest tenth went; with "
      "all else up to {}",
      page.clean(model.key), number_text(size), bytes_text(peak),
      bytes_text(peak * model.large_low_factor), bytes_text(high),
      bytes_text(high + model.other_bytes));
  if (size > model.largest_size) {
    text += fmt::format("; beyond the largest seen, {}",
                        number_text(model.largest_size));
  }
  page.field("Prediction", text, Tone::Strong);
}

void print_model(Page& page, const ScopeProfile& profile,
                 const ScopeGroup& group, const ScopeQuery& query) {
  const auto model =
      analysis::find_cost_model(profile, group, query.predict_key);
  if (!model) {
    if (query.predict_size || query.budget_bytes) {
      page.field("Prediction",
                 "none: no captured size that the peaks grow with");
    }
    return;
  }
  const double base = model->peak.intercept;
  page.field("Cost",
             fmt::format("{}{} for each of {} (95 %: {} to {}); 9 in 10 scopes "
                         "{:.2f} to {:.2f} times that",
                         base >= 1 ? bytes_text(base) + " + " : "",
                         bytes_text(model->peak.slope), page.clean(model->key),
                         bytes_text(model->peak.slope_low),
                         bytes_text(model->peak.slope_high), model->low_factor,
                         model->high_factor));
  print_outliers(page, profile, *model);
  if (query.predict_size) print_prediction(page, *model, *query.predict_size);
  if (!query.budget_bytes) return;
  const auto size =
      model->size_within(static_cast<double>(*query.budget_bytes));
  page.field("Budget",
             size ? fmt::format("{} hold a scope with {} {}",
                                format_bytes(*query.budget_bytes),
                                page.clean(model->key), number_text(*size))
                  : fmt::format("{} hold no scope at all",
                                format_bytes(*query.budget_bytes)),
             Tone::Strong);
}

void print_node(Page& page, const model::Profile& profile,
                std::uint64_t node_bytes) {
  const std::uint64_t resident = max_resident_bytes(profile);
  const std::uint64_t process = std::max(resident, profile.peak.bytes);
  if (process == 0) return;
  page.field(
      "Node",
      fmt::format("{} hold {} like this one, {} each", format_bytes(node_bytes),
                  format_things(node_bytes / process, "rank"),
                  format_bytes(process)),
      Tone::Strong);
}

}  // namespace

void print_scope_cost(Page& page, const model::Profile& profile,
                      const ScopeGroup& group, const ScopeQuery& query) {
  print_model(page, profile.scopes, group, query);
  if (query.node_bytes) print_node(page, profile, *query.node_bytes);
}

}  // namespace sagemem::report
