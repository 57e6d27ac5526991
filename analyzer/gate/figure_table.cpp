// SPDX-License-Identifier: Apache-2.0
//
// The figures.  A new one is an entry here and a row in sagemem-rules(5), which
// a test compares with this.
#include "gate/figure_table.h"

#include <algorithm>

#include "report/facts.h"
#include "report/run_facts.h"

namespace sagemem::gate {
namespace {

using enum About;
using enum Aggregate;
using enum Unit;
// Of names that say too little alone.
constexpr auto kNothing = Needs::Nothing;
constexpr auto kRecord = Needs::Record;
constexpr auto kEnd = Needs::End;
constexpr auto kNoEvidence = Evidence::None;
constexpr auto kLeaked = Evidence::Leaked;
constexpr auto kLost = Evidence::Lost;
constexpr auto kIndirect = Evidence::Indirect;
constexpr auto kReachable = Evidence::Reachable;
constexpr auto kPeak = Evidence::Peak;
constexpr auto kTemporary = Evidence::Temporary;
constexpr auto kAllocated = Evidence::Allocated;
constexpr auto kEscaped = Evidence::Escaped;
constexpr auto kScopes = Evidence::Scopes;
constexpr auto kOne = Aggregate::None;

using A = const Asked&;

const model::Profile& run(A asked) {
  return asked.subject.profile;
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0
             ? 0
             : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

Reading exit_code(A asked) {
  const trace::FileHeader& header = run(asked).header;
  constexpr int kBySignal = 128;  // as shells count
  constexpr int kAbort = 6;
  switch (static_cast<trace::EndKind>(header.end_kind)) {
    case trace::EndKind::Exit:
    case trace::EndKind::ImmediateExit:
      return std::int64_t{header.end_status};
    case trace::EndKind::Abort:
      return std::int64_t{kBySignal + kAbort};
    case trace::EndKind::Signal:
      return std::int64_t{kBySignal} + header.end_status;
    case trace::EndKind::Exec:
      return "the program became another one by exec";
    case trace::EndKind::Unknown:
      break;
  }
  return "the program was not seen to end";
}

bool has_mappings(A asked) {
  return (run(asked).header.flags & trace::kFlagMmap) != 0;
}
constexpr const char* kNoMappings = "recorded without SAGEMEM_MMAP=1";

Reading leaking_sites(A asked) {
  const auto& sites = asked.subject.sites.sites;
  return static_cast<std::uint64_t>(
      std::count_if(sites.begin(), sites.end(),
                    [](const auto& site) { return site.use.live_blocks > 0; }));
}

std::uint64_t contradictions(const model::Anomalies& found) {
  return found.unknown_releases + found.duplicate_blocks;
}

// Of a class that only a scan tells, after suppressions.
Reading scanned(A asked, std::uint64_t number) {
  if (!asked.leaks->was_asked) return "recorded without SAGEMEM_LEAK_SCAN=1";
  if (!asked.leaks->is_complete) return "the leak scan is not complete";
  return number;
}

// Of the run, of scopes or of chosen blocks.
const model::LeakAmounts& classes_of(A asked) {
  return asked.blocks != nullptr ? asked.blocks->leaks : asked.leaks->total;
}

const model::LeakAmount& of_class(A asked, model::LeakClass which) {
  return classes_of(asked)[which];
}

// Of all classes, after suppressions.
model::LeakAmount left_of(A asked) {
  model::LeakAmount sum;
  for (const model::LeakAmount& one : classes_of(asked).of_class) sum.add(one);
  return sum;
}

const model::LeakAmount& reachable(A asked) {
  return of_class(asked, model::LeakClass::Reachable);
}

const model::LeakAmount& indirect(A asked) {
  return of_class(asked, model::LeakClass::IndirectlyLost);
}

model::LeakAmount lost(A asked) {
  model::LeakAmount sum = of_class(asked, model::LeakClass::Lost);
  sum.add(indirect(asked));
  return sum;
}

template <typename Select>
std::uint64_t count_scopes(A asked, Select select) {
  std::uint64_t count = 0;
  for (const model::ScopeId id : asked.group->scopes)
    count += select(run(asked).scopes.scopes[id]) ? 1 : 0;
  return count;
}

// clang-format off
constexpr Figure kFigures[] = {
    // ----------------------------------------------------- what was allocated
    {Run, "allocated.blocks", "allocated.count", Count, kRecord, kAllocated, 0,
     kOne, [](A a) -> Reading { return run(a).totals.allocations; },
     "allocations, reallocations included"},
    {Run, "allocated.bytes", "allocated", Bytes, kRecord, kAllocated, 0, kOne,
     [](A a) -> Reading { return run(a).totals.bytes_allocated; },
     "the bytes of these"},
    {Run, "released.blocks", "released", Count, kRecord, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return run(a).totals.releases; },
     "releases, reallocations included"},
    {Run, "reallocated.blocks", "reallocated", Count, kRecord, kAllocated, 0,
     kOne, [](A a) -> Reading { return run(a).totals.reallocations; },
     "reallocations of live blocks"},
    {Run, "failed.count", "failed", Count, kRecord, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return run(a).totals.failed; },
     "calls that returned no memory"},
    {Run, "temporary.count", "temporary", Count, kRecord, kTemporary, 0, kOne,
     [](A a) -> Reading { return run(a).totals.temporary; },
     "blocks released before their thread's next allocation"},
    {Run, "temporary.share", "", Percent, kRecord, kTemporary, 0, kOne,
     [](A a) -> Reading {
       return percent(run(a).totals.temporary, run(a).totals.allocations); },
     "the same, of all allocations"},
    {Run, "sites.count", "sites", Count, kRecord, kAllocated, 0, kOne,
     [](A a) -> Reading { return std::uint64_t{a.subject.sites.sites.size()}; },
     "allocation sites"},

    // ------------------------------------------------------------------ leaks
    {Run, "leaked.blocks", "", Count, kEnd, kLeaked, 0, kOne,
     [](A a) -> Reading { return run(a).leaked_blocks; },
     "blocks never released"},
    {Run, "leaked.bytes", "leaked", Bytes, kEnd, kLeaked, 0, kOne,
     [](A a) -> Reading { return run(a).leaked_bytes; },
     "the bytes of these"},
    {Run, "leaked.sites", "", Count, kEnd, kLeaked, 0, kOne, leaking_sites,
     "sites with such blocks"},
    {Run, "leaked.new_sites", "", Count, kEnd, kLeaked, kByBaseline, kOne,
     [](A a) -> Reading { return a.new_leaking_sites; },
     "sites with such blocks that had none in the baseline"},

    // ------------------------------- what a leak scan tells, sagemem(7), and
    // what suppressions leave
    {Run, "leaked.lost.blocks", "", Count, kEnd, kLost, kByClass, kOne,
     [](A a) -> Reading { return scanned(a, lost(a).blocks); },
     "blocks that nothing points to, recorded with SAGEMEM_LEAK_SCAN=1"},
    {Run, "leaked.lost.bytes", "leaked.lost", Bytes, kEnd, kLost, kByClass,
     kOne, [](A a) -> Reading { return scanned(a, lost(a).bytes); },
     "the bytes of these"},
    {Run, "leaked.indirect.blocks", "", Count, kEnd, kIndirect, kByClass, kOne,
     [](A a) -> Reading { return scanned(a, indirect(a).blocks); },
     "those of them that only lost blocks point to"},
    {Run, "leaked.indirect.bytes", "leaked.indirect", Bytes, kEnd, kIndirect,
     kByClass, kOne,
     [](A a) -> Reading { return scanned(a, indirect(a).bytes); },
     "the bytes of these"},
    {Run, "leaked.reachable.blocks", "", Count, kEnd, kReachable, kByClass,
     kOne, [](A a) -> Reading { return scanned(a, reachable(a).blocks); },
     "blocks that something still points to, with the same"},
    {Run, "leaked.reachable.bytes", "leaked.reachable", Bytes, kEnd, kReachable,
     kByClass, kOne,
     [](A a) -> Reading { return scanned(a, reachable(a).bytes); },
     "the bytes of these"},
    {Run, "leaked.suppressed.blocks", "", Count, kEnd, kNoEvidence, kByClass,
     kOne, [](A a) -> Reading { return a.leaks->suppressed.blocks; },
     "blocks that suppressions hide"},
    {Run, "leaked.suppressed.bytes", "leaked.suppressed", Bytes, kEnd,
     kNoEvidence, kByClass, kOne,
     [](A a) -> Reading { return a.leaks->suppressed.bytes; },
     "the bytes of these"},
    {Run, "leaked.unsuppressed.blocks", "", Count, kEnd, kLeaked, kByClass,
     kOne, [](A a) -> Reading { return left_of(a).blocks; },
     "blocks never released that no suppression hides"},
    {Run, "leaked.unsuppressed.bytes", "leaked.unsuppressed", Bytes, kEnd,
     kLeaked, kByClass, kOne,
     [](A a) -> Reading { return left_of(a).bytes; },
     "the bytes of these"},

    // --------------------------------------------------------------- the peak
    {Run, "peak.bytes", "peak", Bytes, kRecord, kPeak, 0, kOne,
     [](A a) -> Reading { return run(a).peak.bytes; },
     "the most that was live at once"},
    {Run, "peak.blocks", "", Count, kRecord, kPeak, 0, kOne,
     [](A a) -> Reading { return run(a).peak.blocks; },
     "blocks live at that moment"},
    {Run, "peak.least", "", Bytes, kRecord, kPeak, kOfTheRun, kOne,
     [](A a) -> Reading { return run(a).peak.bounds.least_bytes; },
     "the least that peak.bytes may be, as threads leave their order open"},
    {Run, "peak.most", "", Bytes, kRecord, kPeak, kOfTheRun, kOne,
     [](A a) -> Reading { return run(a).peak.bounds.most_bytes; },
     "the most that it may be"},
    {Run, "peak.time", "", Time, kRecord, kPeak, kOfTheRun, kOne,
     [](A a) -> Reading { return run(a).peak.time_ns; },
     "when that was, from the start"},
    {Run, "live.blocks", "live_blocks", Count, kRecord, kPeak, kOverTime, kOne,
     [](A a) -> Reading { return a.all->over_time.most_blocks; },
     "the most blocks that were live at once"},
    {Run, "resident.peak", "resident", Bytes, kRecord, kPeak, kOfTheRun, kOne,
     [](A a) -> Reading { return report::max_resident_bytes(run(a)); },
     "the largest resident set"},
    {Run, "resident.at_peak", "", Bytes, kRecord, kPeak, kOfTheRun, kOne,
     [](A a) -> Reading { return run(a).peak.resident_bytes; },
     "the resident set sampled nearest to the peak"},
    {Run, "mapped.peak", "mapped", Bytes, kRecord, kNoEvidence, 0, kOne,
     [](A a) -> Reading {
       if (!has_mappings(a)) return kNoMappings;
       return run(a).mapped.peak_bytes; },
     "the most address space taken at once, recorded with SAGEMEM_MMAP=1"},
    {Run, "mapped.bytes", "", Bytes, kRecord, kNoEvidence, 0, kOne,
     [](A a) -> Reading {
       if (!has_mappings(a)) return kNoMappings;
       return run(a).mapped.bytes_mapped; },
     "address space taken in all"},
    {Run, "mapped.leaked", "", Bytes, kEnd, kNoEvidence, 0, kOne,
     [](A a) -> Reading {
       if (!has_mappings(a)) return kNoMappings;
       return run(a).mapped.live_bytes; },
     "address space never given back"},

    // ---------------------------------------------------------------- the run
    {Run, "exit.code", "", Count, kNothing, kNoEvidence, kOfTheEnd, kOne,
     exit_code,
     "how the program ended; a signal counts 128 and its number"},
    {Run, "run.time", "", Time, kRecord, kNoEvidence, kOfTheRun, kOne,
     [](A a) -> Reading { return run(a).duration_ns; },
     "from the start to the end"},
    {Run, "threads.count", "threads", Count, kRecord, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return std::uint64_t{run(a).threads.size()}; },
     "threads that used the heap"},
    {Run, "children.count", "children", Count, kRecord, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return std::uint64_t{run(a).children.size()}; },
     "processes forked"},

    // ---------------------------------------------------------- the recording
    {Run, "lost.events", "lost", Count, kNothing, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return run(a).lost_events(); },
     "events that happened and are not in the trace"},
    {Run, "torn.segments", "torn", Count, kNothing, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return run(a).anomalies.torn_segments; },
     "segments of the trace that are damaged or missing"},
    {Run, "torn.bytes", "", Bytes, kNothing, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return run(a).anomalies.torn_bytes; },
     "bytes of the trace that do not decode"},
    {Run, "contradictions.count", "contradictions", Count, kNothing,
     kNoEvidence, 0, kOne,
     [](A a) -> Reading { return contradictions(run(a).anomalies); },
     "releases of unknown blocks, births of live ones"},
    {Run, "trace.bytes", "", Bytes, kNothing, kNoEvidence, kOfTheRun, kOne,
     [](A a) -> Reading { return run(a).file_bytes; },
     "the size of the trace"},
    {Notice, "count", "", Count, kNothing, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return a.noticed; },
     "how often it happened"},

    // ----------------------------------------------------------------- scopes
    {Scope, "count", "", Count, kRecord, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return std::uint64_t{a.group->scopes.size()}; },
     "how many there were"},
    {Scope, "open", "", Count, kRecord, kNoEvidence, 0, kOne,
     [](A a) -> Reading { return count_scopes(
         a, [](const model::Scope& one) { return !one.is_closed(); }); },
     "those still open at the end"},
    {Scope, "escaped.scopes", "", Count, kRecord, kEscaped, 0, kOne,
     [](A a) -> Reading { return count_scopes(
         a, [](const model::Scope& one) { return one.escaped_blocks > 0; }); },
     "those that left blocks behind"},
    {Scope, "escaped.blocks", "", Count, kRecord, kEscaped, 0, Sum,
     [](A a) -> Reading { return a.scope->escaped_blocks; },
     "blocks of its own that were alive after it"},
    {Scope, "escaped.bytes", "escaped", Bytes, kRecord, kEscaped, 0, Sum,
     [](A a) -> Reading { return a.scope->escaped_bytes; },
     "the bytes of these"},
    {Scope, "leaked.blocks", "", Count, kEnd, kEscaped, 0, Sum,
     [](A a) -> Reading { return a.scope->live_blocks; },
     "blocks of its own that were never released"},
    {Scope, "leaked.bytes", "leaked", Bytes, kEnd, kEscaped, 0, Sum,
     [](A a) -> Reading { return a.scope->live_bytes; },
     "the bytes of these"},
    // Of all of them together: a class belongs to blocks, and these are read
    // from another replay.
    {Scope, "leaked.lost.blocks", "", Count, kEnd, kLost, kByClass, kOne,
     [](A a) -> Reading { return scanned(a, lost(a).blocks); },
     "blocks born in them that nothing points to, see leaked.lost of the run"},
    {Scope, "leaked.lost.bytes", "leaked.lost", Bytes, kEnd, kLost, kByClass,
     kOne, [](A a) -> Reading { return scanned(a, lost(a).bytes); },
     "the bytes of these"},
    {Scope, "leaked.reachable.blocks", "", Count, kEnd, kReachable, kByClass,
     kOne, [](A a) -> Reading { return scanned(a, reachable(a).blocks); },
     "those that something still points to"},
    {Scope, "leaked.reachable.bytes", "leaked.reachable", Bytes, kEnd,
     kReachable, kByClass, kOne,
     [](A a) -> Reading { return scanned(a, reachable(a).bytes); },
     "the bytes of these"},
    {Scope, "leaked.unsuppressed.blocks", "", Count, kEnd, kLeaked, kByClass,
     kOne, [](A a) -> Reading { return left_of(a).blocks; },
     "those never released that no suppression hides"},
    {Scope, "leaked.unsuppressed.bytes", "leaked.unsuppressed", Bytes, kEnd,
     kLeaked, kByClass, kOne,
     [](A a) -> Reading { return left_of(a).bytes; },
     "the bytes of these"},
    {Scope, "peak.bytes", "peak", Bytes, kRecord, kScopes, 0, Max,
     [](A a) -> Reading { return a.scope->peak_bytes; },
     "the most that blocks of its own held at once"},
    {Scope, "total_peak.bytes", "total_peak", Bytes, kRecord, kScopes, 0, Max,
     [](A a) -> Reading { return a.scope->total_peak_bytes; },
     "the most that was live during it"},
    {Scope, "allocated.blocks", "", Count, kRecord, kScopes, 0, Sum,
     [](A a) -> Reading { return a.scope->allocated_blocks; },
     "allocations in it"},
    {Scope, "allocated.bytes", "allocated", Bytes, kRecord, kScopes, 0, Sum,
     [](A a) -> Reading { return a.scope->allocated_bytes; },
     "the bytes of these"},
    {Scope, "floor.bytes", "floor", Bytes, kRecord, kEscaped, 0, Max,
     [](A a) -> Reading { return a.scope->floor_bytes; },
     "what was live right after it"},
    {Scope, "time", "", Time, kRecord, kScopes, kOfTheRun, Max,
     [](A a) -> Reading { return a.scope->end_ns - a.scope->begin_ns; },
     "how long it took"},

    // ------------------------------------------------------- trends of scopes
    {Floor, "drift", "", Bytes, kRecord, kEscaped, 0, kOne,
     [](A a) -> Reading { return a.line->is_flat() ? 0.0 : a.line->slope; },
     "slope, and 0 where it may as well be none"},
    {Floor, "slope", "", Bytes, kRecord, kEscaped, 0, kOne,
     [](A a) -> Reading { return a.line->slope; },
     "what stays live with each scope, as a rule"},
    {Floor, "slope_low", "", Bytes, kRecord, kEscaped, 0, kOne,
     [](A a) -> Reading { return a.line->slope_low; },
     "the least that slope may be, at 95 %"},
    {Floor, "slope_high", "", Bytes, kRecord, kEscaped, 0, kOne,
     [](A a) -> Reading { return a.line->slope_high; },
     "the most"},
    {Resident, "slope", "", Bytes, kRecord, kEscaped, kOfTheRun, kOne,
     [](A a) -> Reading { return a.line->slope; },
     "what stays resident with each scope, as a rule"},
    {Resident, "slope_low", "", Bytes, kRecord, kEscaped, kOfTheRun, kOne,
     [](A a) -> Reading { return a.line->slope_low; },
     "the least that may be, at 95 %"},
    {Cost, "slope", "", Bytes, kRecord, kScopes, 0, kOne,
     [](A a) -> Reading { return a.cost->peak.slope; },
     "by how much a scope's peak grows with what it captured"},
    {Cost, "allocated.slope", "", Bytes, kRecord, kScopes, 0, kOne,
     [](A a) -> Reading { return a.cost->allocated.slope; },
     "the same of what it allocates"},
    {Cost, "outliers", "", Count, kRecord, kScopes, 0, kOne,
     [](A a) -> Reading { return std::uint64_t{a.cost->outliers.size()}; },
     "scopes whose peak is far above that"},

    // ---------------------------------------------------------- chosen blocks
    {Site, "allocated.blocks", "allocated.count", Count, kRecord, kAllocated,
     kOfNothing, kOne, [](A a) -> Reading { return a.blocks->use.allocations; },
     "allocations"},
    {Site, "allocated.bytes", "allocated", Bytes, kRecord, kAllocated,
     kOfNothing, kOne,
     [](A a) -> Reading { return a.blocks->use.bytes_allocated; },
     "the bytes of these"},
    {Site, "temporary.count", "temporary", Count, kRecord, kTemporary, 0, kOne,
     [](A a) -> Reading { return a.blocks->use.temporary; },
     "those released before their thread's next allocation"},
    {Site, "leaked.blocks", "", Count, kEnd, kLeaked, 0, kOne,
     [](A a) -> Reading { return a.blocks->use.live_blocks; },
     "blocks never released"},
    {Site, "leaked.bytes", "leaked", Bytes, kEnd, kLeaked, 0, kOne,
     [](A a) -> Reading { return a.blocks->use.live_bytes; },
     "the bytes of these"},
    {Site, "leaked.lost.blocks", "", Count, kEnd, kLost, kByClass, kOne,
     [](A a) -> Reading { return scanned(a, lost(a).blocks); },
     "those of them that nothing points to, see leaked.lost of the run"},
    {Site, "leaked.lost.bytes", "leaked.lost", Bytes, kEnd, kLost, kByClass,
     kOne, [](A a) -> Reading { return scanned(a, lost(a).bytes); },
     "the bytes of these"},
    {Site, "leaked.reachable.blocks", "", Count, kEnd, kReachable, kByClass,
     kOne, [](A a) -> Reading { return scanned(a, reachable(a).blocks); },
     "those that something still points to"},
    {Site, "leaked.reachable.bytes", "leaked.reachable", Bytes, kEnd,
     kReachable, kByClass, kOne,
     [](A a) -> Reading { return scanned(a, reachable(a).bytes); },
     "the bytes of these"},
    {Site, "leaked.unsuppressed.blocks", "", Count, kEnd, kLeaked, kByClass,
     kOne, [](A a) -> Reading { return left_of(a).blocks; },
     "blocks never released that no suppression hides"},
    {Site, "leaked.unsuppressed.bytes", "leaked.unsuppressed", Bytes, kEnd,
     kLeaked, kByClass, kOne,
     [](A a) -> Reading { return left_of(a).bytes; },
     "the bytes of these"},
    {Site, "at_peak.blocks", "", Count, kRecord, kPeak, 0, kOne,
     [](A a) -> Reading { return a.blocks->use.peak_blocks; },
     "blocks live at the peak of the heap"},
    {Site, "at_peak.bytes", "at_peak", Bytes, kRecord, kPeak, 0, kOne,
     [](A a) -> Reading { return a.blocks->use.peak_bytes; },
     "the bytes of these"},
    {Site, "peak.bytes", "peak", Bytes, kRecord, kPeak, kOverTime, kOne,
     [](A a) -> Reading { return a.blocks->over_time.most_bytes; },
     "the most that these held at once"},
    {Site, "live.blocks", "live_blocks", Count, kRecord, kPeak, kOverTime, kOne,
     [](A a) -> Reading { return a.blocks->over_time.most_blocks; },
     "the most blocks of these that were live at once"},
    {Site, "sites", "", Count, kRecord, kAllocated, kOfNothing, kOne,
     [](A a) -> Reading { return a.blocks->sites; },
     "allocation sites of these"},

    // ----------------------------------------------------------------- limits
    {Limit, "most", "", Number, kRecord, kPeak, 0, kOne,
     [](A a) -> Reading { return a.limit->most; },
     "the most that was used of it, in blocks or bytes"},
    {Limit, "share", "", Percent, kRecord, kPeak, 0, kOne,
     [](A a) -> Reading { return percent(a.limit->most, a.limit->limit); },
     "the same, of the limit"},
};
// clang-format on

}  // namespace

std::span<const Figure> figure_table() {
  return kFigures;
}

}  // namespace sagemem::gate
