// SPDX-License-Identifier: Apache-2.0
#include "exports/samples.h"

#include <algorithm>
#include <tuple>

#include "report/text.h"

namespace sagemem::exports {
namespace {

using symbolize::Location;

auto sort_key(const Location& location) {
  return std::tie(location.function, location.file, location.line,
                  location.module, location.offset, location.inlined);
}

bool is_path_before(const Path& a, const Path& b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const Location* one, const Location* other) {
        return one != other && is_before(*one, *other);
      });
}

Path path_of(const report::Subject& subject, model::StackId stack) {
  const model::StackTree& stacks = subject.profile.stacks;
  Path path;
  for (; stack != model::kRootStack; stack = stacks.outer(stack)) {
    const auto places = subject.symbols.resolve(stacks.frame(stack));
    path.insert(path.end(), places.begin(), places.end());
  }
  std::reverse(path.begin(), path.end());
  return path;
}

void merge_equal(std::vector<Sample>& samples) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (kept > 0 && samples[kept - 1].category == samples[i].category &&
        samples[kept - 1].path == samples[i].path) {
      analysis::add_use(samples[kept - 1].use, samples[i].use);
      continue;
    }
    if (kept != i) samples[kept] = std::move(samples[i]);
    ++kept;
  }
  samples.resize(kept);
}

}  // namespace

const std::vector<ValueKind>& value_kinds() {
  static const std::vector<ValueKind> kinds = {
      {Value::Peak, "peak", "bytes", "live at the peak of the heap"},
      {Value::Leaked, "leaked", "bytes", "never released"},
      {Value::Allocated, "allocated", "bytes", "allocated in all"},
      {Value::Blocks, "blocks", "count", "allocations"},
      {Value::Temporary, "temporary", "count",
       "blocks released before the thread's next allocation"},
  };
  return kinds;
}

std::optional<Value> find_value(std::string_view name) {
  for (const ValueKind& kind : value_kinds())
    if (name == kind.name) return kind.value;
  return std::nullopt;
}

std::uint64_t value_of(const model::StackUse& use, Value value) {
  switch (value) {
    case Value::Peak:
      return use.peak_bytes;
    case Value::Leaked:
      return use.live_bytes;
    case Value::Allocated:
      return use.bytes_allocated;
    case Value::Blocks:
      return use.allocations;
    case Value::Temporary:
      return use.temporary;
  }
  return 0;
}

bool is_before(const Location& a, const Location& b) {
  return sort_key(a) < sort_key(b);
}

std::vector<Sample> find_samples(const report::Subject& subject) {
  const analysis::SiteTable& sites = subject.sites;
  std::vector<Sample> samples;
  for (model::StackId stack = 0; stack < subject.profile.uses.size(); ++stack) {
    if (sites.site_of_stack[stack] == analysis::kNoSite) continue;
    samples.push_back(
        {.path = path_of(subject, stack),
         .site = sites.site_of_stack[stack],
         .category = subject.breakdown.table.category_of_stack[stack],
         .use = subject.profile.uses[stack]});
    samples.back().use.own_peak_bytes = 0;
    samples.back().use.own_peak_blocks = 0;
  }
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) {
              if (a.path != b.path) return is_path_before(a.path, b.path);
              return a.category < b.category;
            });
  merge_equal(samples);
  return samples;
}

std::string clean(std::string_view text) {
  return report::printable(text, true);
}

std::string command_line(const model::Profile& profile) {
  const std::string& command = profile.info_value(trace::kInfoCommand);
  std::string line;
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t end = std::min(command.find('\0', at), command.size());
    if (!line.empty()) line += ' ';
    line += report::shell_quoted(
        clean(std::string_view(command).substr(at, end - at)));
    at = end + 1;
  }
  return line;
}

}  // namespace sagemem::exports
