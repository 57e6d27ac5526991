// SPDX-License-Identifier: Apache-2.0
#include "question_case.h"

#include <algorithm>

namespace sagemem::test {

bool is_wrapper(std::uint64_t pc) {
  return pc / 16 % 3 == 0;
}

std::string module_of(std::uint64_t pc) {
  return "/lib/m" + std::to_string(pc / 16 % 4) + ".so";
}

std::string function_of(std::uint64_t pc) {
  return (is_wrapper(pc) ? "wrap" : "f") + std::to_string(pc / 16 % 7);
}

std::uint64_t site_of(const Stack& stack) {
  for (std::size_t i = stack.size(); i-- > 0;)
    if (!is_wrapper(stack[i])) return stack[i];
  return stack.empty() ? 0 : stack.front();
}

Case::Case(std::uint64_t seed) {
  ProgramOptions program;
  program.seed = seed;
  program.steps = 20 + seed * 37 % 120;
  program.threads = 1 + static_cast<std::uint32_t>(seed % 4);
  program.max_live = 1 + seed * 13 % 30;
  program.max_depth = 1 + seed % 5;
  program.branches = 1 + static_cast<unsigned>(seed % 4);
  program.has_unknown = seed % 4 == 0;
  program.has_scopes = seed % 3 != 0;
  steps = make_program(program);
  BuilderOptions form;
  if (seed % 2 == 0) form.max_segment_bytes = 300;
  form.stamp_always = true;
  TraceBuilder trace(form);
  append_rules(trace, 0);
  append(steps, trace);
  bytes = trace.bytes();
  scopes = run_scopes_slowly(steps);
  history = write_history(steps, scopes);
}

Stack stack_of(const model::Profile& profile, model::StackId id) {
  Stack stack;
  for (const model::Frame& frame : profile.stacks.frames(id))
    stack.push_back(frame.offset);
  std::reverse(stack.begin(), stack.end());
  return stack;
}

namespace {

analysis::SiteTable name_sites(const model::Profile& profile,
                               symbolize::Symbolizer& symbols) {
  for (model::StackId id = 1; id < profile.stacks.size(); ++id) {
    const model::Frame frame = profile.stacks.frame(id);
    symbolize::Location location;
    location.function = function_of(frame.offset);
    location.file = "/src/" + location.function + ".c";
    location.line = static_cast<std::uint32_t>(frame.offset & 0xffff);
    location.module = module_of(frame.offset);
    symbols.learn(frame, {location});
  }
  analysis::WrapperList wrappers;
  wrappers.add("wrap*");
  return analysis::find_sites(profile, symbols, wrappers);
}

}  // namespace

Replayed::Replayed(const Case& one, const analysis::BlockQuery& query)
    : file(decode::wrap_bytes(one.bytes)),
      whole(model::replay(file)),
      symbols(whole.modules),
      sites(name_sites(whole, symbols)) {
  const auto chosen =
      analysis::choose_blocks(query, whole, symbols, sources, sites, {});
  filter = chosen.filter;
  replay = [this](const model::ReplayOptions& asked) {
    model::ReplayOptions options = asked;
    options.filter = filter;
    return model::replay(file, options);
  };
  profile = replay({});
}

analysis::BlockQuery random_query(const Case& one, Random& random) {
  analysis::BlockQuery query;
  if (random.chance(30)) {
    query.threads = {std::to_string(101 + random.below(4))};
    if (random.chance(30)) query.threads.push_back("101");
  }
  if (random.chance(30))
    query.sizes.push_back({random.below(1000), 1000 + random.below(100000)});
  if (random.chance(30)) {
    const auto low = static_cast<std::int64_t>(random.below(8000));
    query.times_ns.push_back(
        {low, low + static_cast<std::int64_t>(random.below(8000))});
  }
  if (random.chance(20))
    query.functions = {"f" + std::to_string(random.below(7))};
  if (random.chance(10)) query.functions.push_back("f?");
  if (random.chance(20)) query.modules = {"m1.so", "/lib/m2*"};
  if (random.chance(20)) query.files = {"f*.c"};
  if (random.chance(20)) query.within = {"wrap*"};
  if (random.chance(30) && !one.scopes.scopes.empty())
    query.scopes.push_back({"process", 0});
  return query;
}

namespace {

bool any_pc(const Stack& stack, bool (*holds)(std::uint64_t)) {
  return std::any_of(stack.begin(), stack.end(), holds);
}

bool matches_site(const analysis::BlockQuery& query, const SlowLife& life) {
  const std::uint64_t site = site_of(life.stack);
  const std::string function =
      life.stack.empty() ? "[no stack]" : function_of(site);
  const std::string module = life.stack.empty() ? "" : module_of(site);
  if (!query.functions.empty()) {
    bool found = false;
    for (const std::string& pattern : query.functions)
      found |= pattern == function ||
               (pattern == "f?" && function.size() == 2 && function[0] == 'f');
    if (!found) return false;
  }
  if (!query.modules.empty() && module != "/lib/m1.so" &&
      module != "/lib/m2.so") {
    return false;
  }
  if (!query.files.empty() && (life.stack.empty() || function[0] != 'f'))
    return false;
  return query.within.empty() || any_pc(life.stack, is_wrapper);
}

}  // namespace

std::set<std::size_t> scopes_of(const Case& one,
                                const analysis::ScopeName& name) {
  std::set<std::size_t> result;
  std::int64_t next = 0;
  for (std::size_t i = 0; i < one.scopes.scopes.size(); ++i) {
    if (one.scopes.scopes[i].rule != kProcessRule) continue;
    const auto& captured = one.scopes.scopes[i].captured;
    const auto number = captured.find("number");
    const std::int64_t mine = number != captured.end() ? number->second : next;
    ++next;
    if (mine == name.number) result.insert(i);
  }
  return result;
}

bool chooses(const Case& one, const analysis::BlockQuery& query,
             const SlowLife& life) {
  const auto thread = std::to_string(100 + life.writer);
  if (!query.threads.empty() &&
      std::find(query.threads.begin(), query.threads.end(), thread) ==
          query.threads.end()) {
    return false;
  }
  if (!query.sizes.empty() &&
      (life.size < query.sizes[0].low || life.size > query.sizes[0].high)) {
    return false;
  }
  const auto ticks = static_cast<std::int64_t>(life.born_ticks);
  if (!query.times_ns.empty() &&
      (ticks < query.times_ns[0].low || ticks > query.times_ns[0].high)) {
    return false;
  }
  if (!query.scopes.empty()) {
    const std::set<std::size_t> wanted = scopes_of(one, query.scopes[0]);
    if (std::none_of(life.scopes.begin(), life.scopes.end(),
                     [&](std::size_t id) { return wanted.contains(id); })) {
      return false;
    }
  }
  return matches_site(query, life);
}

}  // namespace sagemem::test
