// SPDX-License-Identifier: Apache-2.0
//
// How the probes of one module come to be: a plan for each, then the code of
// all, then the jumps.
#include <cstring>

#include "scope/breakpoints.h"
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

ProbeMethod method_of(EntryPatch patch, bool is_entry) noexcept {
  switch (patch) {
    case EntryPatch::Breakpoint:
      return ProbeMethod::Breakpoint;
    case EntryPatch::ShortJump:
      return ProbeMethod::ShortJump;
    default:
      return is_entry ? ProbeMethod::EntryOnly : ProbeMethod::CallThrough;
  }
}

// What a smaller patch may mend.
bool is_for_lack_of_room(ProbeReason reason) noexcept {
  return reason == ProbeReason::TooShort || reason == ProbeReason::JumpedInto ||
         reason == ProbeReason::NotRelocatable;
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
  refused_scope_ = false;
  for (unsigned i = 0; i < probe.action_count; ++i) {
    const Rule& rule = rules_.rules[probe.actions[i].rule];
    refused_scope_ |= rule.use == trace::RuleUse::Scope;
  }
}

bool ProbeTable::is_inferable(std::uint8_t rule) const noexcept {
  if (rules_.rules[rule].use != trace::RuleUse::Scope) return false;
  for (std::uint32_t i = 0; i < used_; ++i) {
    const Probe& probe = probes_[i];
    if (probe.is_free || probe.method == ProbeMethod::Inferred) continue;
    for (unsigned j = 0; j < probe.action_count; ++j) {
      const Action& action = probe.actions[j];
      if (action.kind != ActionKind::Loader && action.rule == rule)
        return false;
    }
  }
  return true;
}

std::uint64_t ProbeTable::count_unseen() const noexcept {
  std::uint64_t count = without_place_;
  for (std::uint32_t i = 0; i < used_; ++i) {
    const Probe& probe = probes_[i];
    if (probe.is_free || probe.method != ProbeMethod::Inferred) continue;
    for (unsigned j = 0; j < probe.action_count; ++j) {
      const Action& action = probe.actions[j];
      if (action.kind == ActionKind::Loader || is_inferable(action.rule))
        continue;
      ++count;
      break;
    }
  }
  return count;
}

void ProbeTable::plan(const ModuleFile& module, const ElfImage& image,
                      EntryPatch patch, std::uint32_t number) noexcept {
  Probe& probe = probes_[number];
  ProbePlan& plan = plans_[number];
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
  PlanInput input{image,     module.bias, module.header,
                  !is_entry, patch,       {plans_, used_}};
  plan.reason = ProbeReason::TooShort;  // not in its own way
  plan = plan_probe(input, probe);
  if (plan.reason == ProbeReason::StackArguments && settle_for_entry(probe)) {
    input.needs_exit = false;
    plan.reason = ProbeReason::TooShort;
    plan = plan_probe(input, probe);
    probe.reason = ProbeReason::StackArguments;
    is_entry = true;
  }
  probe.sees_exit = !is_entry;
  probe.method = method_of(patch, is_entry);
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

// What the rest of the module branches into is not written to.
void ProbeTable::drop_branched_into(const ModuleFile& module,
                                    const ElfImage& image) noexcept {
  std::uint32_t count = 0;
  for_unplanned(module, [&](std::uint32_t i, Probe& probe) noexcept {
    const ProbePlan& plan = plans_[i];
    if (plan.reason != ProbeReason::None) return;
    const std::uint64_t start = probe.address - module.bias;
    const std::uint64_t from = plan.from - module.bias;
    // Of what is behind a breakpoint nothing is written over.
    const std::uint64_t bytes =
        plan.patch == EntryPatch::Breakpoint ? 1 : plan.displaced;
    written_[count++] = {from,  from + bytes,       from == start,
                         start, start + probe.size, false};
    if (plan.cave == 0) return;
    const std::uint64_t cave = plan.cave - module.bias;
    written_[count++] = {cave, cave + sizeof plan.cave_jump, false, 0, 0,
                         false};
  });
  find_branches_into(image, written_, count);
  count = 0;
  for_unplanned(module, [&](std::uint32_t i, Probe&) noexcept {
    ProbePlan& plan = plans_[i];
    if (plan.reason != ProbeReason::None) return;
    bool is_branched_into = written_[count++].is_branched_into;
    if (plan.cave != 0) is_branched_into |= written_[count++].is_branched_into;
    if (is_branched_into) plan.reason = ProbeReason::JumpedInto;
  });
}

// A jump of five bytes; where there is no room for one, a short one; else a
// breakpoint.
void ProbeTable::plan_all(const ModuleFile& module,
                          const ElfImage& image) noexcept {
  for_unplanned(module, [&](std::uint32_t i, Probe&) noexcept {
    plans_[i] = {};
    plans_[i].reason = ProbeReason::TooShort;
  });
  for_unplanned(module, [&](std::uint32_t i, Probe&) noexcept {
    plan(module, image, EntryPatch::Jump, i);
  });
  drop_branched_into(module, image);
  plan_smaller(module, image, EntryPatch::ShortJump);
  if (limit_ == ProbeEffort::All) {
    plan_smaller(module, image, EntryPatch::Breakpoint);
  }
}

void ProbeTable::plan_smaller(const ModuleFile& module, const ElfImage& image,
                              EntryPatch patch) noexcept {
  bool is_any = false;
  for_unplanned(module, [&](std::uint32_t i, Probe& probe) noexcept {
    const ProbeReason reason = plans_[i].reason;
    if (!is_for_lack_of_room(reason)) return;
    plan(module, image, patch, i);
    if (plans_[i].reason == ProbeReason::None) {
      is_any = true;
      if (probe.reason == ProbeReason::None) probe.reason = reason;
    } else {
      plans_[i].reason = reason;
    }
  });
  if (is_any) drop_branched_into(module, image);
}

void ProbeTable::patch_module(const ModuleFile& module,
                              const ElfImage& image) noexcept {
  plan_all(module, image);
  std::uint32_t places = 0;
  for_unplanned(module, [&](std::uint32_t i, Probe& probe) noexcept {
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

// In a cave nobody runs, so what leads there is written last.
ProbeReason ProbeTable::patch(const ProbePlan& plan) const noexcept {
  if (plan.patch == EntryPatch::Breakpoint &&
      !g_breakpoints.add(plan.from, plan.thunk)) {
    return ProbeReason::TooShort;
  }
  PatchResult result = PatchResult::Done;
  if (plan.cave != 0) {
    result = patch_code(plan.cave, plan.cave_jump, sizeof plan.cave_jump,
                        plan.protection, is_alone_);
  }
  if (result == PatchResult::Done) {
    result = patch_code(plan.from, plan.jump, plan.jump_bytes, plan.protection,
                        is_alone_);
  }
  switch (result) {
    case PatchResult::Done:
      return ProbeReason::None;
    case PatchResult::Refused:
      return ProbeReason::ProtectRefused;
    default:
      return ProbeReason::NotRelocatable;
  }
}

}  // namespace sagemem
