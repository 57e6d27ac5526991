// SPDX-License-Identifier: Apache-2.0
#include "report/processes.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using model::Thread;

// Threads by what they allocated; equal ones in the order in which they came.
std::vector<const Thread*> rank_threads(const std::vector<Thread>& threads) {
  std::vector<const Thread*> ranked;
  ranked.reserve(threads.size());
  for (const Thread& thread : threads) ranked.push_back(&thread);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Thread* a, const Thread* b) {
                     return a->bytes_allocated > b->bytes_allocated;
                   });
  return ranked;
}

std::string thread_row(const std::string& name, const Thread& sums) {
  return fmt::format("  {}{}{}{}", pad_right(shorten_end(name, 32), 32),
                     pad_left(format_bytes(sums.bytes_allocated), 12),
                     pad_left(format_count(sums.allocations), 15),
                     pad_left(format_count(sums.releases), 15));
}

}  // namespace

void print_thread_list(Page& page, const Subject& subject) {
  const auto ranked = rank_threads(subject.profile.threads);
  if (ranked.size() < 2) return;
  page.heading("THREADS", format_things(ranked.size(), "thread"));
  page.line(page.paint(
      Tone::Dim, fmt::format("  {:<32}{:>12}{:>15}{:>15}", "", "allocated",
                             "allocations", "releases")));
  const std::size_t count = shown(subject, ranked.size());
  Thread rest;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const Thread& thread = *ranked[i];
    if (i < count) {
      page.line(thread_row(
          fmt::format("{} {}", thread.tid, page.clean(thread.name)), thread));
      continue;
    }
    rest.allocations += thread.allocations;
    rest.bytes_allocated += thread.bytes_allocated;
    rest.releases += thread.releases;
  }
  if (count < ranked.size())
    page.line(
        thread_row(format_things(ranked.size() - count, "other thread"), rest));
}

void print_processes(Page& page, const Subject& subject) {
  const auto& children = subject.profile.children;
  if (children.empty()) return;
  std::string text;
  for (const std::int32_t pid : children)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", pid);
  page.blank();
  page.field("Children",
             fmt::format("{} forked: pid {}", children.size(), text));
}

void print_mapped(Page& page, const Subject& subject) {
  const model::MappedUse& mapped = subject.profile.mapped;
  if ((subject.profile.header.flags & trace::kFlagMmap) == 0) return;
  page.blank();
  page.field(
      "Mapped memory",
      fmt::format("{} at its peak, {} left; {} in {}, {} (not in the heap)",
                  format_bytes(mapped.peak_bytes),
                  format_bytes(mapped.live_bytes),
                  format_bytes(mapped.bytes_mapped),
                  format_things(mapped.maps, "mapping"),
                  format_things(mapped.unmaps, "unmapping")));
}

}  // namespace sagemem::report
