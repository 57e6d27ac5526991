// SPDX-License-Identifier: Apache-2.0
#include "report/leak_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>

#include "decode/scan_text.h"
#include "report/units.h"
#include "rules/parse_rules.h"

namespace sagemem::report {

using model::LeakAmount;
using model::LeakClass;

namespace {

std::string amount_of(const LeakAmount& amount) {
  return fmt::format("{} in {}", format_bytes_exactly(amount.bytes),
                     format_things(amount.blocks, "block"));
}

std::string why_incomplete(const model::ScanFacts& scan) {
  if (!scan.outcome) {
    return "The program did not end so that its memory could be scanned.";
  }
  if (!scan.is_whole) return "Parts of the scan are missing from the trace.";
  switch (*scan.outcome) {
    case trace::ScanOutcome::Complete:
      return "They were allocated after the scan.";
    case trace::ScanOutcome::ThreadsMissed:
      return fmt::format(
          "{} did not stand still for the scan, and may hold them.",
          format_things(scan.missed_threads, "thread"));
    case trace::ScanOutcome::NoMap:
      return "The scan could not read the list of mappings in /proc.";
    case trace::ScanOutcome::NoMemory:
      return "There was no memory for the scan.";
    case trace::ScanOutcome::TooLong:
      return "The scan took too long and was given up.";
    case trace::ScanOutcome::TooLarge:
      return "The trace could not grow to hold the scan.";
    case trace::ScanOutcome::Unread:
      return "Without /proc/self/pagemap the scan left out parts of memory.";
  }
  return "For a reason that this version does not know.";
}

// It was read before, when the command line was.
std::vector<rules::Suppression> load(const std::string& file) {
  try {
    return rules::load_suppressions(file);
  } catch (const rules::RuleError& error) {
    throw std::system_error(EINVAL, std::generic_category(), error.what());
  }
}

std::string place_of(const rules::Suppression& one) {
  return one.is_built_in() ? "built in"
                           : fmt::format("{}:{}", one.file, one.line);
}

}  // namespace

LeakFacts find_leak_facts(const Subject& subject) {
  const LeakQuery& query = subject.query.leaks;
  LeakFacts facts;
  for (const std::string& file : query.suppressions) {
    std::vector<rules::Suppression> more = load(file);
    std::move(more.begin(), more.end(), std::back_inserter(facts.suppressions));
  }
  // They hide what is always there.  Without classes everything is told.
  if (query.has_built_in && subject.profile.leaks != nullptr) {
    const auto& more = rules::built_in_suppressions();
    facts.suppressions.insert(facts.suppressions.end(), more.begin(),
                              more.end());
  }
  facts.report = analysis::find_leaks(subject.profile, subject.symbols,
                                      facts.suppressions);
  return facts;
}

const char* class_key(LeakClass which) {
  switch (which) {
    case LeakClass::Lost:
      return "lost";
    case LeakClass::IndirectlyLost:
      return "indirectly_lost";
    case LeakClass::Reachable:
      return "still_reachable";
    case LeakClass::NotScanned:
      break;
  }
  return "not_scanned";
}

const char* class_label(LeakClass which) {
  switch (which) {
    case LeakClass::Lost:
      return "Lost";
    case LeakClass::IndirectlyLost:
      return "Indirectly lost";
    case LeakClass::Reachable:
      return "Still reachable";
    case LeakClass::NotScanned:
      break;
  }
  return "Not scanned";
}

std::vector<LeakClass> all_classes() {
  return {LeakClass::Lost, LeakClass::IndirectlyLost, LeakClass::NotScanned,
          LeakClass::Reachable};
}

void print_leak_facts(Page& page, const Subject& subject,
                      const LeakFacts& facts) {
  for (const LeakClass which : all_classes()) {
    const LeakAmount& amount = facts.report.total[which];
    const bool is_loss =
        which == LeakClass::Lost || which == LeakClass::IndirectlyLost;
    // Nothing lost is good news, where it is known.
    const bool is_known = which == LeakClass::Lost && facts.report.is_complete;
    if (amount.blocks == 0 && !is_known) continue;
    page.field(class_label(which), amount_of(amount),
               amount.blocks == 0 ? Tone::Good
               : is_loss          ? Tone::Bad
                                  : Tone::Plain);
    if (which == LeakClass::NotScanned && subject.profile.leaks != nullptr)
      page.field("", why_incomplete(subject.profile.leaks->scan));
  }
  if (facts.report.suppressed.blocks != 0)
    page.field("Suppressed", amount_of(facts.report.suppressed));
}

void print_suppressions(Page& page, const LeakFacts& facts) {
  std::vector<const analysis::SuppressionUse*> used;
  std::vector<const analysis::SuppressionUse*> unused;
  for (const analysis::SuppressionUse& use : facts.report.uses) {
    if (use.stacks != 0) {
      used.push_back(&use);
    } else if (!use.suppression->is_built_in()) {
      unused.push_back(&use);
    }
  }
  if (used.empty() && unused.empty()) return;
  page.heading("SUPPRESSED", format_things(used.size(), "suppression"));
  std::stable_sort(used.begin(), used.end(), [](const auto* a, const auto* b) {
    return a->amount.bytes > b->amount.bytes;
  });
  for (const analysis::SuppressionUse* const use : used) {
    page.line(fmt::format(
        "  {:>11}{:>9}  {}  ({})", format_bytes(use->amount.bytes),
        format_count(use->amount.blocks), page.clean(use->suppression->name),
        page.clean(place_of(*use->suppression))));
    if (!use->suppression->reason.empty())
      page.line("                        " +
                page.paint(Tone::Dim, page.clean(use->suppression->reason)));
  }
  for (const analysis::SuppressionUse* const use : unused) {
    page.line(fmt::format("       unused           {}  ({})",
                          page.clean(use->suppression->name),
                          page.clean(place_of(*use->suppression))));
  }
}

Json json_scan(const model::Profile& profile) {
  if (profile.leaks == nullptr) return nullptr;
  const model::ScanFacts& scan = profile.leaks->scan;
  Json json;
  json["complete"] = scan.is_complete();
  json["outcome"] = !scan.outcome ? "none"
                    : !scan.is_whole
                        ? "torn"
                        : std::string(decode::outcome_name(*scan.outcome));
  json["threads"] = scan.threads;
  json["missed_threads"] = scan.missed_threads;
  json["unread_bytes"] = scan.unread_bytes;
  return json;
}

Json json_suppressed(const LeakFacts& facts) {
  Json json;
  json["blocks"] = facts.report.suppressed.blocks;
  json["bytes"] = facts.report.suppressed.bytes;
  Json& list = json["suppressions"];
  list = Json::array();
  for (const analysis::SuppressionUse& use : facts.report.uses) {
    const rules::Suppression& one = *use.suppression;
    if (use.stacks == 0 && one.is_built_in()) continue;
    Json entry;
    entry["name"] = one.name;
    entry["file"] = one.is_built_in() ? Json(nullptr) : Json(one.file);
    entry["line"] = one.line;
    entry["reason"] = one.reason.empty() ? Json(nullptr) : Json(one.reason);
    entry["stacks"] = use.stacks;
    entry["blocks"] = use.amount.blocks;
    entry["bytes"] = use.amount.bytes;
    list.push_back(std::move(entry));
  }
  return json;
}

std::string suppressions_for(const Subject& subject, const LeakFacts& facts) {
  // As many frames as valgrind takes.
  constexpr std::size_t kMaxFrames = 20;
  const model::StackTree& stacks = subject.profile.stacks;
  std::string text =
      "# What was lost in one run.  Write down why before you keep it.\n";
  for (model::StackId id = 0; id < facts.report.stacks.size(); ++id) {
    const model::LeakAmounts& amounts = facts.report.stacks[id];
    const bool is_scanned = facts.report.was_asked;
    LeakAmount amount =
        is_scanned ? amounts[LeakClass::Lost] : amounts[LeakClass::NotScanned];
    amount.add(amounts[LeakClass::IndirectlyLost]);
    if (amount.blocks == 0) continue;
    text += fmt::format("{{\n   {} in {}\n   Memcheck:Leak\n",
                        format_things(amount.bytes, "byte"),
                        format_things(amount.blocks, "block"));
    if (is_scanned) text += "   match-leak-kinds: definite,indirect\n";
    // Whichever function it was that allocated.
    text += "   ...\n";
    std::size_t frames = 0;
    for (model::StackId at = id; at != model::kRootStack;
         at = stacks.outer(at)) {
      for (const symbolize::Location* const one :
           subject.symbols.resolve(stacks.frame(at))) {
        if (++frames > kMaxFrames) break;
        text += one->function.empty()
                    ? fmt::format("   obj:*/{}\n",
                                  symbolize::base_name(one->module))
                    : fmt::format("   fun:{}\n", one->function);
      }
    }
    text += "}\n";
  }
  return text;
}

}  // namespace sagemem::report
