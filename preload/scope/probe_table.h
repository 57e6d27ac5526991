// SPDX-License-Identifier: Apache-2.0
//
// All rules and probes of the process.
//
//   install()          at the start, while there is one thread: rules from the
//                      environment or a built-in profile, functions of all that
//                      is loaded, jumps over their entries
//   follow_modules()   in the thread that loads or unloads libraries, before
//                      anything in them can run
//
// Hazard: a probe is read by its stub at any time, so what a stub reads of it
// is not changed while its function can be called.
#pragma once

#include <cstdint>

#include "scope/module_list.h"
#include "scope/module_scan.h"
#include "scope/probe.h"
#include "scope/probe_code.h"
#include "scope/quick_probe.h"
#include "scope/symbols.h"
#include "scope/value_watch.h"

namespace sagemem {

// How much may be done to the program's code.
enum class ProbeEffort : std::uint8_t { All, Jumps, EntryOnly, None };

enum class RuleState : std::uint8_t {
  Waiting,  // its functions are in no module yet
  Active,
  Superseded,  // another rule of its name is active
};

// A rule as the handlers need it.
struct RuleEntry {
  RuleState state = RuleState::Waiting;
  bool is_pair = false;
  bool is_process_wide = false;
  Readings at_begin;
  Readings at_end;
  mutable ValueWatch watch;  // of a rule with new values
};

class ProbeTable {
 public:
  static constexpr std::uint32_t kMaxProbes = sagemem::kMaxProbes;
  static constexpr std::uint32_t kMaxNames = 160;

  // `text`: SAGEMEM_SCOPES, or nullptr for the built-in profiles.
  void install(const char* text, ProbeEffort limit, bool quiet) noexcept;
  // True: there are new probes.
  bool follow_modules() noexcept;

  [[nodiscard]] const Probe& probe(std::uint64_t number) const noexcept {
    return probes_[number % kMaxProbes];
  }
  [[nodiscard]] Probe& probe(std::uint64_t number) noexcept {
    return probes_[number % kMaxProbes];
  }
  [[nodiscard]] std::uint32_t probe_count() const noexcept { return used_; }
  // No rule yet, but a library may come that a built-in profile is for.
  [[nodiscard]] bool awaits_profile() const noexcept { return awaits_profile_; }
  // The program has no symbols but those that it exports.
  [[nodiscard]] bool is_stripped() const noexcept { return is_stripped_; }
  // The same, and functions of some
  // rule are not there.
  [[nodiscard]] bool lacks_symbols() const noexcept;
  [[nodiscard]] const Rule& rule(std::uint32_t index) const noexcept {
    return rules_.rules[index];
  }
  [[nodiscard]] RuleEntry& entry(std::uint32_t index) noexcept {
    return entries_[index];
  }
  [[nodiscard]] std::uint32_t rule_count() const noexcept {
    return rules_.count;
  }
  [[nodiscard]] bool is_built_in() const noexcept { return is_built_in_; }
  // Why functions that are there are not probed; the first such reason.
  [[nodiscard]] trace::ProbeReason first_refusal() const noexcept {
    return first_refusal_;
  }
  [[nodiscard]] const char* first_refused() const noexcept {
    return first_refused_;
  }
  // It begins or ends a scope, which can be inferred; a label can not.
  [[nodiscard]] bool is_scope_refused() const noexcept {
    return refused_scope_;
  }
  // Functions that are there, whose calls are not seen and can not be inferred
  // from call stacks either: that takes a scope none of whose functions is
  // probed.
  [[nodiscard]] std::uint64_t count_unseen() const noexcept;

 private:
  struct KnownModule {
    std::uint64_t start;  // 0: free
    std::uint64_t end;
    bool is_there;
    bool has_symbols;  // that are named in rules
  };
  static constexpr std::uint32_t kMaxModules = 1024;

  void choose_profile() noexcept;
  bool take_profile() noexcept;
  void add_rule_names() noexcept;
  void adopt_profile(const ModuleFile& module) noexcept;
  void look_at_process() noexcept;
  void add_name(const Word& name) noexcept;
  [[nodiscard]] std::uint32_t place_of(const Word& name) const noexcept;
  void collect_names() noexcept;
  KnownModule* know(const ModuleFile& module, bool& is_new) noexcept;
  void look_into(const ModuleFile& module) noexcept;
  void decide() noexcept;
  [[nodiscard]] bool has_functions(const Rule& rule) const noexcept;
  [[nodiscard]] bool has_active(const Rule& rule) const noexcept;
  void probe_module(const ModuleFile& module) noexcept;
  [[nodiscard]] bool has_variables(const Rule& rule) const noexcept;
  void find_globals(const ModuleFile& module, Readings& readings) noexcept;
  void find_global(const ModuleFile& module, const Word& symbol,
                   std::uint64_t& address, std::uint64_t& bytes) const noexcept;
  void prepare_entries() noexcept;
  static void sort_actions(Probe& probe) noexcept;
  void add_probes(const ModuleFile& module, std::uint32_t rule) noexcept;
  void add_functions(const ModuleFile& module, const Word& name,
                     const Action& action) noexcept;
  Probe* probe_at(const ModuleFile& module,
                  const FoundFunction& function) noexcept;
  template <typename Work>
  void for_unplanned(const ModuleFile& module, Work work) noexcept;
  trace::ProbeReason write_region(const ModuleFile& module,
                                  std::uint8_t* region,
                                  std::size_t bytes) noexcept;
  [[nodiscard]] trace::ProbeReason patch(const ProbePlan& plan) const noexcept;
  void patch_module(const ModuleFile& module, const ElfImage& image) noexcept;
  void plan(const ModuleFile& module, const ElfImage& image, EntryPatch patch,
            std::uint32_t number) noexcept;
  void plan_smaller(const ModuleFile& module, const ElfImage& image,
                    EntryPatch patch) noexcept;
  void plan_all(const ModuleFile& module, const ElfImage& image) noexcept;
  void drop_branched_into(const ModuleFile& module,
                          const ElfImage& image) noexcept;
  bool settle_for_entry(Probe& probe) const noexcept;
  [[nodiscard]] bool is_inferable(std::uint8_t rule) const noexcept;
  void refuse(Probe& probe, trace::ProbeReason reason) noexcept;
  void probe_loader(const ModuleFile& module) noexcept;
  void forget_unloaded() noexcept;

  RuleTable rules_;
  RuleEntry entries_[RuleTable::kMaxRules];
  Probe probes_[kMaxProbes];
  ProbePlan plans_[kMaxProbes];
  WrittenRange written_[2 * kMaxProbes];
  std::uint32_t used_ = 0;
  SymbolMatch matches_[kMaxNames];
  bool is_there_[kMaxNames] = {};  // in some module
  std::uint32_t name_count_ = 0;
  KnownModule modules_[kMaxModules] = {};
  bool is_built_in_ = false;
  bool awaits_profile_ = false;
  bool is_stripped_ = false;  // the program
  bool is_alone_ = false;
  bool has_new_ = false;  // since the last follow_modules()
  ProbeEffort limit_ = ProbeEffort::All;
  trace::ProbeReason refusal_ = trace::ProbeReason::None;  // of all
  trace::ProbeReason first_refusal_ = trace::ProbeReason::None;
  const char* first_refused_ = "";
  bool refused_scope_ = false;
  std::uint64_t without_place_ = 0;  // actions for which there was none
};

}  // namespace sagemem
