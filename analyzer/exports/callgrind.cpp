// SPDX-License-Identifier: Apache-2.0
//
// The profile format of callgrind (valgrind.org/docs/manual/cl-format.html),
// for callgrind_annotate and KCachegrind: what each line allocated by itself,
// and what each call cost with all that it called.
//
// A call that stands in a stack several times, by recursion, counts once for
// it.  Names are compressed, "fn=(7) main", so that none can be taken for
// syntax; what is left to escape are line ends.
#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "exports/exporter.h"

namespace sagemem::exports {
namespace {

using symbolize::Location;

struct Event {
  const char* name;
  const char* meaning;
  std::uint64_t model::StackUse::*count;
};

constexpr Event kEvents[] = {
    {"peak", "bytes at the peak", &model::StackUse::peak_bytes},
    {"peak_blocks", "blocks at the peak", &model::StackUse::peak_blocks},
    {"leaked", "bytes never released", &model::StackUse::live_bytes},
    {"leaked_blocks", "blocks never released", &model::StackUse::live_blocks},
    {"allocated", "bytes allocated", &model::StackUse::bytes_allocated},
    {"blocks", "allocations", &model::StackUse::allocations},
    {"temporary", "temporary blocks", &model::StackUse::temporary},
};

// A function as callgrind has it: an object file, a source file, a name.
using FunctionKey = std::tuple<std::string, std::string, std::string>;

struct Call {
  std::uint32_t line = 0;  // of the call
  std::size_t callee = 0;
  std::uint32_t callee_line = 0;

  friend auto operator<=>(const Call&, const Call&) = default;
};

struct Function {
  std::map<std::uint32_t, model::StackUse> own;  // by line
  std::map<Call, model::StackUse> calls;
};

class Graph {
 public:
  void add(const Sample& sample) {
    analysis::add_use(sum_, sample.use);
    if (sample.path.empty()) {
      Location nowhere;
      nowhere.function = "[no stack]";
      analysis::add_use(functions_[number_of(nowhere)].own[0], sample.use);
      return;
    }
    std::set<std::pair<std::size_t, Call>> seen;
    for (std::size_t i = 0; i + 1 < sample.path.size(); ++i) {
      const Location& caller = *sample.path[i];
      const Location& callee = *sample.path[i + 1];
      const Call call{caller.line, known_number(callee), callee.line};
      const std::size_t number = known_number(caller);
      if (!seen.emplace(number, call).second) continue;
      analysis::add_use(functions_[number].calls[call], sample.use);
    }
    const Location& innermost = *sample.path.back();
    analysis::add_use(functions_[known_number(innermost)].own[innermost.line],
                      sample.use);
  }

  void write(report::Output& out) {
    out.write("summary:" + costs(sum_) + "\n");
    for (const auto& [key, number] : numbers_) write_function(out, key, number);
    out.write("\ntotals:" + costs(sum_) + "\n");
  }

 private:
  std::size_t number_of(const Location& place) {
    const auto [at, is_new] = numbers_.try_emplace(
        {clean(place.module), clean(place.file), clean(place.name())},
        functions_.size());
    if (is_new) {
      functions_.emplace_back();
      keys_.push_back(&at->first);
    }
    return at->second;
  }

  // The places of a symbolizer stay where they are.
  std::size_t known_number(const Location& place) {
    const auto [at, is_new] = known_.try_emplace(&place, 0);
    if (is_new) at->second = number_of(place);
    return at->second;
  }

  static std::string costs(const model::StackUse& use) {
    std::string text;
    for (const Event& event : kEvents)
      text += fmt::format(" {}", use.*event.count);
    return text;
  }

  // "(7) main" the first time, "(7)" from then on; each kind of name has
  // numbers of its own.
  std::string short_name(std::size_t kind, const std::string& text) {
    auto& names = names_[kind];
    const auto [at, is_new] = names.try_emplace(text, names.size() + 1);
    const std::string& shown = text.empty() ? kUnknown : text;
    return is_new ? fmt::format("({}) {}", at->second, shown)
                  : fmt::format("({})", at->second);
  }

  // A function is its name to callgrind_annotate, in its file.
  std::string function_name(std::size_t number) {
    const auto [at, is_new] =
        function_ids_.try_emplace(number, function_ids_.size() + 1);
    return is_new
               ? fmt::format("({}) {}", at->second, std::get<2>(*keys_[number]))
               : fmt::format("({})", at->second);
  }

  void write_function(report::Output& out, const FunctionKey& key,
                      std::size_t number) {
    out.write(fmt::format(
        "\nob={}\nfl={}\nfn={}\n", short_name(kObject, std::get<0>(key)),
        short_name(kFile, std::get<1>(key)), function_name(number)));
    for (const auto& [line, use] : functions_[number].own)
      out.write(fmt::format("{}{}\n", line, costs(use)));
    for (const auto& [call, use] : functions_[number].calls) {
      const FunctionKey& callee = *keys_[call.callee];
      out.write(fmt::format("cob={}\ncfi={}\ncfn={}\ncalls={} {}\n{}{}\n",
                            short_name(kObject, std::get<0>(callee)),
                            short_name(kFile, std::get<1>(callee)),
                            function_name(call.callee), use.allocations,
                            call.callee_line, call.line, costs(use)));
    }
  }

  static constexpr std::size_t kObject = 0;
  static constexpr std::size_t kFile = 1;
  inline static const std::string kUnknown = "???";

  std::map<FunctionKey, std::size_t> numbers_;
  std::vector<const FunctionKey*> keys_;  // by number
  std::vector<Function> functions_;       // by number
  std::unordered_map<const Location*, std::size_t> known_;
  std::array<std::map<std::string, std::size_t>, 2> names_;
  std::unordered_map<std::size_t, std::size_t> function_ids_;
  model::StackUse sum_;
};

}  // namespace

void write_callgrind(report::Output& out, const report::Subject& subject,
                     const ExportOptions& /*options*/) {
  Graph graph;
  for (const Sample& sample : find_samples(subject)) graph.add(sample);
  out.write(fmt::format(
      "# callgrind format\nversion: 1\ncreator: sagemem\npid: {}\ncmd: {}\n"
      "part: 1\n\npositions: line\n",
      subject.profile.header.pid, command_line(subject.profile)));
  std::string names;
  for (const Event& event : kEvents) {
    out.write(fmt::format("event: {} : {}\n", event.name, event.meaning));
    names += fmt::format(" {}", event.name);
  }
  out.write("events:" + names + "\n");
  graph.write(out);
}

}  // namespace sagemem::exports
