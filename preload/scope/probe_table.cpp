// SPDX-License-Identifier: Apache-2.0
#include "scope/probe_table.h"

#include <link.h>

#include "built_in_profiles.h"
#include "platform/file.h"
#include "platform/raw_log.h"
#include "scope/breakpoints.h"

namespace sagemem {

namespace {

using trace::ProbeReason;
using trace::RuleUse;

constexpr char kLoaderFunction[] = "_dl_debug_state";
constexpr Word kLoaderWord{kLoaderFunction, sizeof kLoaderFunction - 1};

// The text of SAGEMEM_SCOPES: the environment is the target's to change.
char g_text[16 * 1024];

void report(void* context, const RuleError& error) noexcept {
  LogLine line;
  line.add("SAGEMEM_SCOPES: expected ").add(error.expected).add(" at '");
  line.add(error.rule.data + error.place, error.rule.size - error.place);
  line.add("' in '").add(error.rule.data, error.rule.size);
  line.add("'; this rule is left out");
  raw_log(*static_cast<const bool*>(context), line);
}

// A line "NAME:\tnumber" of /proc/self/status; -1: there is none.
long status_number(const char* text, const char* name) noexcept {
  const char* at = std::strstr(text, name);
  if (at == nullptr) return -1;
  at += std::strlen(name);
  while (*at == ' ' || *at == '\t') ++at;
  long value = 0;
  for (; *at >= '0' && *at <= '9'; ++at) value = value * 10 + (*at - '0');
  return value;
}

template <typename Work>
void for_words(const char* text, Work work) noexcept {
  while (*text != '\0') {
    const std::size_t length = std::strcspn(text, " ");
    work(Word{text, static_cast<std::uint32_t>(length)});
    text += length + (text[length] == ' ' ? 1 : 0);
  }
}

bool reads_at_end(const Rule& rule) noexcept {
  for (unsigned i = 0; i < rule.capture_count; ++i) {
    if (rule.captures[i].source.at_end) return true;
  }
  return false;
}

}  // namespace

// ------------------------------------------------------------------- install

void ProbeTable::install(const char* text, ProbeEffort limit,
                         bool quiet) noexcept {
  limit_ = limit;
  if (text != nullptr) {
    const Word whole{text, static_cast<std::uint32_t>(std::strlen(text))};
    if (whole.is("off")) return;
    std::size_t bytes = whole.size;
    if (bytes >= sizeof g_text) bytes = sizeof g_text - 1;
    std::memcpy(g_text, text, bytes);
    parse_rules(g_text, rules_, &report, &quiet);
  } else {
    choose_profile();
  }
  if (rules_.count == 0 && !awaits_profile_) return;
  look_at_process();
  prepare_entries();
  collect_names();
  visit_modules(
      [](void* context, const ModuleFile& module) noexcept {
        static_cast<ProbeTable*>(context)->look_into(module);
      },
      this);
  decide();
  visit_modules(
      [](void* context, const ModuleFile& module) noexcept {
        static_cast<ProbeTable*>(context)->probe_module(module);
      },
      this);
}

// The first whose symbols the program has; its own libraries count, those of
// the system do not.  One look at each for all profiles: a large program has a
// million symbols.
void ProbeTable::choose_profile() noexcept {
  for (const Profile& profile : kBuiltInProfiles) {
    for_words(profile.requires_all,
              [this](const Word& name) noexcept { add_name(name); });
  }
  visit_modules(
      [](void* context, const ModuleFile& module) noexcept {
        if (module.is_of_system) return;
        static_cast<ProbeTable*>(context)->look_into(module);
      },
      this);
  // A Python extension comes when the script asks for it.
  awaits_profile_ = !take_profile();
}

// Those whose functions have been found.
bool ProbeTable::take_profile() noexcept {
  for (const Profile& profile : kBuiltInProfiles) {
    bool has_all = true;
    for_words(profile.requires_all, [&](const Word& name) noexcept {
      const std::uint32_t place = place_of(name);
      has_all = has_all && place < name_count_ && is_there_[place];
    });
    if (!has_all) continue;
    is_built_in_ = true;
    parse_rules(profile.rules, rules_, &report, &is_built_in_);
    return true;
  }
  return false;
}

// A library that has come, and is not of the system, may be one that a built-in
// profile is for.  Functions of other modules were passed by and stay unseen.
void ProbeTable::adopt_profile(const ModuleFile& module) noexcept {
  if (module.is_of_system || !take_profile()) return;
  awaits_profile_ = false;
  prepare_entries();
  add_rule_names();
  look_into(module);
}

bool ProbeTable::lacks_symbols() const noexcept {
  if (!is_stripped_) return false;
  for (std::uint32_t r = 0; r < rules_.count; ++r) {
    if (entries_[r].state == RuleState::Waiting) return true;
  }
  return false;
}

void ProbeTable::look_at_process() noexcept {
  static char status[4096];
  const std::size_t size =
      read_file("/proc/self/status", status, sizeof status - 1);
  status[size] = '\0';
  is_alone_ = status_number(status, "Threads:") == 1;
#if defined(__x86_64__)
  if (status_number(status, "TracerPid:") > 0) refusal_ = ProbeReason::Traced;
#else
  refusal_ = ProbeReason::Unsupported;
#endif
}

void ProbeTable::add_name(const Word& name) noexcept {
  if (name.is_empty() || place_of(name) != name_count_ ||
      name_count_ == kMaxNames) {
    return;
  }
  matches_[name_count_++].name = name;
}

std::uint32_t ProbeTable::place_of(const Word& name) const noexcept {
  std::uint32_t i = 0;
  while (i < name_count_ && !(matches_[i].name == name)) ++i;
  return i;
}

void ProbeTable::collect_names() noexcept {
  name_count_ = 0;
  std::memset(is_there_, 0, sizeof is_there_);
  std::memset(modules_, 0, sizeof modules_);
  add_rule_names();
  add_name(kLoaderWord);
  if (!awaits_profile_) return;
  for (const Profile& profile : kBuiltInProfiles) {
    for_words(profile.requires_all,
              [this](const Word& name) noexcept { add_name(name); });
  }
}

void ProbeTable::add_rule_names() noexcept {
  for (std::uint32_t r = 0; r < rules_.count; ++r) {
    const Rule& rule = rules_.rules[r];
    for (unsigned i = 0; i < rule.function_count; ++i) {
      add_name(rule.functions[i]);
    }
    for (unsigned i = 0; i < rule.capture_count; ++i) {
      add_name(rule.captures[i].source.symbol);
      add_name(rule.captures[i].source.index);
    }
  }
}

// ------------------------------------------------------------------- modules

ProbeTable::KnownModule* ProbeTable::know(const ModuleFile& module,
                                          bool& is_new) noexcept {
  KnownModule* free = nullptr;
  for (KnownModule& known : modules_) {
    if (known.start == module.start && known.end == module.end) {
      is_new = false;
      return &known;
    }
    if (known.start == 0 && free == nullptr) free = &known;
  }
  is_new = true;
  if (free != nullptr) *free = {module.start, module.end, true, false};
  return free;
}

void ProbeTable::look_into(const ModuleFile& module) noexcept {
  bool is_new = false;
  KnownModule* known = know(module, is_new);
  if (known == nullptr) return;
  known->is_there = true;
  ElfImage image;
  if (!image.open(module.path)) return;
  if (module.is_program) is_stripped_ = !image.symbols().is_whole;
  find_symbols(image, matches_, name_count_);
  for (std::uint32_t i = 0; i < name_count_; ++i) {
    const SymbolMatch& match = matches_[i];
    if (match.function_count == 0 && match.object_address == 0) continue;
    is_there_[i] = true;
    known->has_symbols = true;
  }
}

bool ProbeTable::has_functions(const Rule& rule) const noexcept {
  unsigned there = 0;
  for (unsigned i = 0; i < rule.function_count; ++i) {
    const std::uint32_t place = place_of(rule.functions[i]);
    if (place < name_count_ && is_there_[place]) ++there;
  }
  if (rule.is_each) return there > 0 && has_variables(rule);
  return rule.use == RuleUse::Scope ? there == rule.function_count : there > 0;
}

// The first tells one scope from the next.
bool ProbeTable::has_variables(const Rule& rule) const noexcept {
  const std::uint32_t place = place_of(rule.captures[0].source.symbol);
  return place < name_count_ && is_there_[place];
}

bool ProbeTable::has_active(const Rule& rule) const noexcept {
  for (std::uint32_t r = 0; r < rules_.count; ++r) {
    const Rule& other = rules_.rules[r];
    if (entries_[r].state == RuleState::Active && other.use == rule.use &&
        other.name == rule.name) {
      return true;
    }
  }
  return false;
}

// Of scope rules of one name, the first whose functions there are.
void ProbeTable::decide() noexcept {
  for (std::uint32_t r = 0; r < rules_.count; ++r) {
    RuleEntry& entry = entries_[r];
    const Rule& rule = rules_.rules[r];
    if (entry.state != RuleState::Waiting) continue;
    if (rule.use == RuleUse::Scope && has_active(rule)) {
      entry.state = RuleState::Superseded;
    } else if (has_functions(rule)) {
      entry.state = RuleState::Active;
    }
  }
}

void ProbeTable::probe_module(const ModuleFile& module) noexcept {
  bool is_new = false;
  const KnownModule* known = know(module, is_new);
  if (known == nullptr || !known->has_symbols) return;
  ElfImage image;
  if (!image.open(module.path)) return;
  find_symbols(image, matches_, name_count_);
  for (std::uint32_t r = 0; r < rules_.count; ++r) {
    if (entries_[r].state != RuleState::Active) continue;
    find_globals(module, entries_[r].at_begin);
    find_globals(module, entries_[r].at_end);
    add_probes(module, r);
  }
  probe_loader(module);
  patch_module(module, image);
}

void ProbeTable::find_globals(const ModuleFile& module,
                              Readings& readings) noexcept {
  for (std::uint32_t i = 0; i < readings.count; ++i) {
    const Source& source = readings.sources[i];
    GlobalPlace& place = readings.places[i];
    find_global(module, source.symbol, place.address, place.bytes);
    find_global(module, source.index, place.index, place.index_bytes);
  }
}

void ProbeTable::find_global(const ModuleFile& module, const Word& symbol,
                             std::uint64_t& address,
                             std::uint64_t& bytes) const noexcept {
  if (symbol.is_empty() || address != 0) return;
  const std::uint32_t at = place_of(symbol);
  if (at == name_count_ || matches_[at].object_address == 0) return;
  address = module.bias + matches_[at].object_address;
  bytes = matches_[at].object_bytes;
}

void ProbeTable::prepare_entries() noexcept {
  for (std::uint32_t r = 0; r < rules_.count; ++r) {
    const Rule& rule = rules_.rules[r];
    RuleEntry& entry = entries_[r];
    entry.is_pair = rule.is_pair;
    entry.is_process_wide = rule.is_process_wide;
    for (unsigned i = 0; i < rule.capture_count; ++i) {
      const Source& source = rule.captures[i].source;
      Readings& readings = source.at_end ? entry.at_end : entry.at_begin;
      readings.sources[readings.count++] = source;
    }
  }
}

void ProbeTable::add_probes(const ModuleFile& module,
                            std::uint32_t number) noexcept {
  const Rule& rule = rules_.rules[number];
  const auto index = static_cast<std::uint8_t>(number);
  if (rule.use == RuleUse::Scope && !rule.is_each) {
    add_functions(module, rule.functions[0],
                  {&entries_[number], index, ActionKind::Begin, false});
    add_functions(module, rule.functions[rule.is_pair ? 1 : 0],
                  {&entries_[number], index, ActionKind::End, true});
    return;
  }
  const ActionKind kind = rule.is_each                 ? ActionKind::Each
                          : rule.use == RuleUse::Label ? ActionKind::Label
                                                       : ActionKind::Note;
  for (unsigned i = 0; i < rule.function_count; ++i) {
    add_functions(
        module, rule.functions[i],
        {&entries_[number], index, kind, !rule.is_each && reads_at_end(rule)});
  }
}

void ProbeTable::add_functions(const ModuleFile& module, const Word& name,
                               const Action& action) noexcept {
  const std::uint32_t at = place_of(name);
  if (at == name_count_) return;
  for (std::uint32_t i = 0; i < matches_[at].function_count; ++i) {
    Probe* probe = probe_at(module, matches_[at].functions[i]);
    if (probe == nullptr || probe->action_count == kMaxActions) {
      if (first_refusal_ == ProbeReason::None) {
        first_refusal_ = ProbeReason::TableFull;
      }
      ++without_place_;
      continue;
    }
    probe->actions[probe->action_count++] = action;
  }
}

// The probe of a function, which may be a new one.  One that is in use already
// is not changed.
Probe* ProbeTable::probe_at(const ModuleFile& module,
                            const FoundFunction& function) noexcept {
  const std::uint64_t address = module.bias + function.address;
  Probe* free = nullptr;
  for (std::uint32_t i = 0; i < used_; ++i) {
    Probe& probe = probes_[i];
    if (probe.is_free) {
      if (free == nullptr) free = &probe;
    } else if (probe.address == address) {
      return probe.is_planned ? nullptr : &probe;
    }
  }
  if (free == nullptr && used_ < kMaxProbes) free = &probes_[used_++];
  if (free == nullptr) return nullptr;
  *free = Probe{};
  free->is_free = false;
  free->address = address;
  free->size = function.size;
  free->next = function.next;
  free->previous_end = function.previous_end;
  free->module = module.start;
  free->has_own_arguments = function.has_own_arguments;
  const std::size_t length = strnlen(function.name, sizeof free->symbol - 1);
  std::memcpy(free->symbol, function.name, length);
  free->symbol[length] = '\0';
  return free;
}

// ---------------------------------------------------------- later libraries

// The function that the loader calls, for debuggers, whenever its list has
// changed (link.h, r_debug::r_brk).
void ProbeTable::probe_loader(const ModuleFile& module) noexcept {
  const auto brk = static_cast<std::uint64_t>(_r_debug.r_brk);
  if (brk < module.start || brk >= module.end) return;
  const std::uint32_t at = place_of(kLoaderWord);
  if (at == name_count_ || matches_[at].function_count == 0 ||
      module.bias + matches_[at].functions[0].address != brk) {
    return;
  }
  add_functions(module, kLoaderWord, {nullptr, 0, ActionKind::Loader, false});
}

bool ProbeTable::follow_modules() noexcept {
  if (_r_debug.r_state != r_debug::RT_CONSISTENT) return false;

  // What is new is mapped and not run yet.
  is_alone_ = true;
  has_new_ = false;
  for (KnownModule& known : modules_) known.is_there = false;
  visit_modules(
      [](void* context, const ModuleFile& module) noexcept {
        auto& table = *static_cast<ProbeTable*>(context);
        bool is_new = false;
        KnownModule* known = table.know(module, is_new);
        if (known == nullptr) return;
        known->is_there = true;
        if (!is_new) return;
        table.look_into(module);
        if (table.awaits_profile_) table.adopt_profile(module);
        if (!known->has_symbols) return;
        table.decide();
        table.probe_module(module);
        table.has_new_ = true;
      },
      this);
  forget_unloaded();
  return has_new_;
}

void ProbeTable::forget_unloaded() noexcept {
  for (KnownModule& known : modules_) {
    if (known.start == 0 || known.is_there) continue;
    g_breakpoints.forget(known.start, known.end);
    for (std::uint32_t i = 0; i < used_; ++i) {
      if (probes_[i].module != known.start) continue;
      probes_[i].is_free = true;
      plans_[i] = {};  // another module may come there
    }
    known = {};
  }
}

}  // namespace sagemem
