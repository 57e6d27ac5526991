// SPDX-License-Identifier: Apache-2.0
//
// How the probes of one module come to be: a plan for each, then the code of
// all, then the jumps.
#include <cstring>

#include "scope/code_pages.h"
#include "scope/probe_table.h"

namespace sagemem {

using trace::ProbeMethod;
using trace::ProbeReason;

namespace {

bool needs_exit(const Probe& probe) noexcept {
  for (unsigned i = 0; i < probe.action_count; ++i) {
    if (probe.actions[i].at_exit) return true;
  }
  return false;
}

bool reads_return(const Rule& rule) noexcept {
  for (unsigned i = 0; i < rule.capture_count; ++i) {
    if (rule.captures[i].source.kind == SourceKind::Return) return true;
  }
  return false;
}

}  // namespace

void ProbeTable::refuse(Probe& probe, ProbeReason reason) noexcept {
  probe.method = ProbeMethod::Inferred;
  probe.reason = reason;
  // What is true of all functions is said, rather than what is of one.
  const bool is_worse = concerns_all(reason) && !concerns_all(first_refusal_);
  if (probe.actions[0].kind == ActionKind::Loader ||
      (first_refusal_ != ProbeReason::None && !is_worse)) {
    return;
  }
  first_refusal_ = reason;
  first_refused_ = probe.symbol;
}

void ProbeTable::plan(const ModuleFile& module, const ElfImage& image,
                      Probe& probe, ProbePlan& plan) noexcept {
  if (limit_ == ProbeEffort::None || refusal_ != ProbeReason::None) {
    plan.reason =
        refusal_ != ProbeReason::None ? refusal_ : ProbeReason::Unsupported;
    return;
  }
  bool is_entry = !needs_exit(probe);
  if (limit_ == ProbeEffort::EntryOnly && !is_entry) {
    is_entry = settle_for_entry(probe);
    if (!is_entry) {
      plan.reason = ProbeReason::Unsupported;
      return;
    }
  }
  plan = plan_probe(image, module.bias, module.header, probe.next, !is_entry,
                    probe);
  if (plan.reason == ProbeReason::StackArguments && settle_for_entry(probe)) {
    plan =
        plan_probe(image, module.bias, module.header, probe.next, false, probe);
    probe.reason = ProbeReason::StackArguments;
    is_entry = true;
  }
  probe.method = is_entry ? ProbeMethod::EntryOnly : ProbeMethod::CallThrough;
}

// The function that ends a scope which another one began: the scope ends a
// little early then.  False: there is something else at its exit.
bool ProbeTable::settle_for_entry(Probe& probe) const noexcept {
  for (unsigned i = 0; i < probe.action_count; ++i) {
    const Action& action = probe.actions[i];
    if (!action.at_exit) continue;
    const Rule& rule = rules_.rules[action.rule];
    if (action.kind != ActionKind::End || !rule.is_pair || reads_return(rule)) {
      return false;
    }
  }
  for (unsigned i = 0; i < probe.action_count; ++i) {
    probe.actions[i].at_exit = false;
  }
  return true;
}

void ProbeTable::sort_actions(Probe& probe) noexcept {
  Action sorted[kMaxActions];
  unsigned count = 0;
  for (const bool at_exit : {false, true}) {
    for (unsigned i = 0; i < probe.action_count; ++i) {
      if (probe.actions[i].at_exit == at_exit) {
        sorted[count++] = probe.actions[i];
      }
    }
    if (!at_exit) probe.entry_count = static_cast<std::uint8_t>(count);
  }
  std::memcpy(probe.actions, sorted, sizeof sorted);
}

template <typename Work>
void ProbeTable::for_unplanned(const ModuleFile& module, Work work) noexcept {
  for (std::uint32_t i = 0; i < used_; ++i) {
    Probe& probe = probes_[i];
    if (!probe.is_free && !probe.is_planned && probe.module == module.start) {
      work(i, probe);
    }
  }
}

void ProbeTable::patch_module(const ModuleFile& module,
                              const ElfImage& image) noexcept {
  std::uint32_t places = 0;
  for_unplanned(module, [&](std::uint32_t i, Probe& probe) noexcept {
    plans_[i] = {};
    plan(module, image, probe, plans_[i]);
    sort_actions(probe);
    if (plans_[i].reason == ProbeReason::None) {
      ++places;
    } else {
      refuse(probe, plans_[i].reason);
      probe.is_planned = true;
    }
  });
  if (places == 0) return;
  const std::size_t bytes = kRegionHeader + places * kPlaceBytes;
  std::uint8_t* region = take_code_pages(module.start, module.end, bytes);
  const ProbeReason refusal = write_region(module, region, bytes);
  for_unplanned(module, [&](std::uint32_t i, Probe& probe) noexcept {
    ProbePlan& plan = plans_[i];
    if (plan.reason == ProbeReason::None) plan.reason = refusal;
    if (plan.reason == ProbeReason::None) plan.reason = patch(plan);
    if (plan.reason != ProbeReason::None) refuse(probe, plan.reason);
    probe.is_planned = true;
  });
}

// The code of the probes, then what it takes to run it.
ProbeReason ProbeTable::write_region(const ModuleFile& module,
                                     std::uint8_t* region,
                                     std::size_t bytes) noexcept {
  if (region == nullptr) return ProbeReason::NoNearMemory;
  write_region_header(region);
  std::uint32_t place = 0;
  for_unplanned(module, [&](std::uint32_t i, Probe& probe) noexcept {
    write_probe_code(region, place++, i, probe, plans_[i]);
    g_quick_probes[i] = make_quick(probe);
  });
  if (seal_code_pages(region, bytes)) return ProbeReason::None;
  give_code_pages(region, bytes);
  return ProbeReason::ProtectRefused;
}

ProbeReason ProbeTable::patch(const ProbePlan& plan) const noexcept {
  switch (patch_code(plan.from, plan.jump, sizeof plan.jump, plan.protection,
                     is_alone_)) {
    case PatchResult::Done:
      return ProbeReason::None;
    case PatchResult::Refused:
      return ProbeReason::ProtectRefused;
    default:
      return ProbeReason::NotRelocatable;
  }
}

}  // namespace sagemem
