// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analysis/leak_report.h"
#include "analysis/suppress.h"
#include "rules/parse_rules.h"
#include "rules/suppressions.h"

using namespace sagemem;
using model::LeakAmount;
using model::LeakClass;
using rules::parse_suppressions;
using symbolize::Location;

namespace {

constexpr model::StackId kStack = 4;

// main > load > grow > std::vector<int>::push_back in one stack.
struct Sample {
  Sample() : symbols(modules) {
    const std::vector<Location> frames = {
        {.function = "main",
         .file = "src/main.c",
         .line = 10,
         .module = "/usr/bin/sage"},
        {.function = "load",
         .file = "src/load.c",
         .line = 20,
         .module = "/usr/bin/sage"},
        {.function = "", .module = "/usr/lib/libfoo.so.3", .offset = 0x1234},
        {.function = "tree::Nodes<int>::grow(int, char const*)",
         .file = "src/nodes.cpp",
         .line = 30,
         .module = "/usr/lib/libfoo.so.3"},
    };
    model::StackId id = model::kRootStack;
    for (std::uint64_t i = 0; i < frames.size(); ++i) {
      const model::Frame frame{.module = 0, .offset = i};
      symbols.learn(frame, {frames[i]});
      id = profile.stacks.push(id, frame);
    }
    profile.uses.resize(profile.stacks.size());
    profile.uses[kStack].live_blocks = 3;
    profile.uses[kStack].live_bytes = 300;
  }

  bool is_suppressed(const std::string& text,
                     LeakClass which = LeakClass::Lost) {
    const auto all = parse_suppressions(text, "x.supp");
    return analysis::Suppressor(all, profile, symbols).find(kStack, which) !=
           analysis::kNotSuppressed;
  }

  std::vector<model::Module> modules;
  symbolize::Symbolizer symbols;
  model::Profile profile;
};

std::string entry(const std::string& frames) {
  return "{\n  name\n  Memcheck:Leak\n" + frames + "\n}\n";
}

std::string error_of(const std::string& text) {
  try {
    (void)parse_suppressions(text, "x.supp");
  } catch (const rules::RuleError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("both languages in one file, with reasons") {
  const auto all = parse_suppressions(R"(# of the whole file

# It keeps a table
# for ever.
leak:foo
leak:bar

{
   entry
   Memcheck:Leak
   match-leak-kinds: definite, possible
   fun:malloc
   ...
   obj:*/libx.so*
   src:a.c:12
}
{
   another tool's
   Helgrind:Race
   anything goes here
}
)",
                                      "x.supp");
  REQUIRE(all.size() == 3);
  CHECK(all[0].anywhere == "foo");
  CHECK(all[0].reason == "It keeps a table for ever.");
  CHECK(all[0].line == 5);
  CHECK(all[1].reason.empty());
  CHECK(all[2].name == "entry");
  CHECK(all[2].kinds == (rules::kDefinite | rules::kPossible));
  REQUIRE(all[2].frames.size() == 4);
  CHECK(all[2].frames[3].glob == "a.c");
  CHECK(all[2].frames[3].line == 12);
}

TEST_CASE("mistakes are told with their place") {
  CHECK(error_of("\nfoo\n") ==
        "x.supp:2:1: expected leak:PATTERN, or { and an entry of valgrind's");
  CHECK(error_of("leak:\n") == "x.supp:1:1: a pattern that matches every leak");
  CHECK(error_of("{\n name\n") ==
        "x.supp:2:2: the entry of line 1 does not end");
  CHECK(error_of("{\n name\n Leak\n}\n") == "x.supp:3:2: expected TOOL:KIND");
  CHECK(error_of("{\n name\n Memcheck:Leak\n}\n") ==
        "x.supp:4:1: an entry without frames");
  CHECK(error_of(entry("  foo:bar")) ==
        "x.supp:4:3: expected fun:, obj:, src:, ... or }");
  CHECK(error_of(entry("  match-leak-kinds: all,some\n  ...")) ==
        "x.supp:4:25: no kind of leaks: 'some'");
  CHECK(error_of(entry("  fun:a\n  match-leak-kinds: all")) ==
        "x.supp:5:3: out of place");
  CHECK(error_of(entry("  fun:")) == "x.supp:4:3: an empty pattern");
  CHECK(error_of(entry("  only-objects: a,\n  ...")) ==
        "x.supp:4:3: an empty pattern");
  CHECK(error_of(entry("  fun:a\n  only-objects: b")) ==
        "x.supp:5:3: out of place");
  CHECK(error_of(entry("  only-objects: a")) ==
        "x.supp:5:1: an entry without frames");
}

TEST_CASE("no text makes the parser fail in another way") {
  const std::string whole =
      "# why\nleak:^a*b$\n{\nn\nMemcheck:Leak\nmatch-leak-kinds: all\n"
      "only-objects: a, b\nfun:f\n...\nobj:o\nsrc:s:1\n}\n";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    (void)error_of(whole.substr(0, length));
    (void)error_of(whole.substr(length));
    for (const char c : {'\0', '{', '}', '\n', ':', '*', '\xff'}) {
      std::string changed = whole;
      if (length < changed.size()) changed[length] = c;
      (void)error_of(changed);
    }
  }
}

TEST_CASE("LeakSanitizer's patterns") {
  Sample sample;
  CHECK(sample.is_suppressed("leak:load"));
  CHECK(sample.is_suppressed("leak:oad"));
  CHECK(sample.is_suppressed("leak:^load$"));
  CHECK(!sample.is_suppressed("leak:^oad"));
  CHECK(!sample.is_suppressed("leak:loa$"));
  CHECK(sample.is_suppressed("leak:libfoo"));
  CHECK(sample.is_suppressed("leak:src/main.c"));
  CHECK(sample.is_suppressed("leak:^tree::*grow"));
  CHECK(sample.is_suppressed("leak:tree::Nodes::grow"));
  CHECK(!sample.is_suppressed("leak:shrink"));
  CHECK(!sample.is_suppressed("leak:l?ad"));
}

TEST_CASE("valgrind's frames from the allocation outward") {
  Sample sample;
  const std::string grow = "fun:tree::Nodes*::grow*\n";
  CHECK(sample.is_suppressed(entry(grow)));
  CHECK(sample.is_suppressed(entry("fun:malloc\n" + grow)));
  CHECK(sample.is_suppressed(entry("fun:*alloc\n" + grow)));
  CHECK(sample.is_suppressed(entry("fun:_Znwm\n" + grow)));
  CHECK(!sample.is_suppressed(entry("fun:mmap\n" + grow)));
  CHECK(sample.is_suppressed(
      entry("fun:malloc\n" + grow + "obj:*/libfoo.so*\nfun:load\nfun:main")));
  CHECK(!sample.is_suppressed(entry("fun:malloc\n" + grow + "fun:load")));
  CHECK(sample.is_suppressed(entry("fun:malloc\n" + grow + "...\nfun:main")));
  CHECK(sample.is_suppressed(entry("...\nfun:load")));
  CHECK(sample.is_suppressed(entry("fun:malloc\n...\nobj:/usr/bin/sage")));
  CHECK(sample.is_suppressed(entry("...\nsrc:load.c:20")));
  CHECK(!sample.is_suppressed(entry("...\nsrc:load.c:21")));
  CHECK(!sample.is_suppressed(entry("fun:load")));
  CHECK(!sample.is_suppressed(entry("fun:malloc\nfun:load")));
  CHECK(
      !sample.is_suppressed(entry("...\nfun:main\nfun:beyond_the_outermost")));
}

TEST_CASE("frames of nothing but these objects") {
  Sample sample;
  const auto with_objects = [&sample](const std::string& objects) {
    return sample.is_suppressed(entry("only-objects: " + objects + "\n..."));
  };
  CHECK(with_objects("/usr/bin/sage, */libfoo.so*"));
  CHECK(with_objects("*/libfoo.so*,/usr/bin/sage"));
  CHECK(with_objects("*/libfoo.so*\nonly-objects: /usr/bin/sage"));
  CHECK(with_objects("*"));
  CHECK(!with_objects("/usr/bin/sage"));
  CHECK(!with_objects("*/libfoo.so*"));
  CHECK(!with_objects("sage,libfoo.so.3"));
  // The frames have to match as well.
  CHECK(!sample.is_suppressed(entry("only-objects: *\n...\nfun:shrink")));
  // Before or behind the kinds.
  CHECK(sample.is_suppressed(
      entry("match-leak-kinds: definite\nonly-objects: *\n...")));
  CHECK(sample.is_suppressed(
      entry("only-objects: *\nmatch-leak-kinds: definite\n...")));
  // Code of no object is of none of them.
  const model::Frame nowhere{.module = 0, .offset = 99};
  sample.symbols.learn(nowhere, {{.function = "made_at_run_time"}});
  const model::StackId inner = sample.profile.stacks.push(kStack, nowhere);
  const auto all = parse_suppressions(entry("only-objects: *\n..."), "x.supp");
  CHECK(analysis::Suppressor(all, sample.profile, sample.symbols)
            .find(inner, LeakClass::Lost) == analysis::kNotSuppressed);
}

TEST_CASE("a function of the C library by the name that programs use") {
  const auto is_suppressed = [](const char* module) {
    std::vector<model::Module> modules;
    symbolize::Symbolizer symbols(modules);
    model::Profile profile;
    symbols.learn({.module = 0, .offset = 1}, {{.module = "/usr/bin/dash"}});
    symbols.learn({.module = 0, .offset = 2},
                  {{.function = "__strdup", .module = module}});
    const model::StackId outer =
        profile.stacks.push(model::kRootStack, {.module = 0, .offset = 1});
    const model::StackId id =
        profile.stacks.push(outer, {.module = 0, .offset = 2});
    const auto all = parse_suppressions(
        entry("fun:malloc\nfun:strdup\nobj:*/dash"), "x.supp");
    return analysis::Suppressor(all, profile, symbols)
               .find(id, LeakClass::Lost) == 0;
  };
  CHECK(is_suppressed("/lib/x86_64-linux-gnu/libc.so.6"));
  CHECK_FALSE(is_suppressed("/usr/bin/dash"));
}

TEST_CASE("many gaps in a pattern take no longer than few") {
  // Deep enough that trying all ways to put forty gaps would never end.
  std::vector<model::Module> modules;
  symbolize::Symbolizer symbols(modules);
  model::Profile profile;
  model::StackId id = model::kRootStack;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const model::Frame frame{.module = 0, .offset = i};
    symbols.learn(frame, {{.function = "f", .module = "/bin/sage"}});
    id = profile.stacks.push(id, frame);
  }
  std::string frames;
  for (int i = 0; i < 40; ++i) frames += "...\nobj:*/sage\n";
  const auto all =
      parse_suppressions(entry(frames + "...\nfun:g") + entry(frames), "x");
  analysis::Suppressor suppressor(all, profile, symbols);
  CHECK(suppressor.find(id, LeakClass::Lost) == 1);
}

TEST_CASE("only the initialisation of MPI itself is built in") {
  const auto is_built_in = [](const std::string& function) {
    std::vector<model::Module> modules;
    symbolize::Symbolizer symbols(modules);
    model::Profile profile;
    model::StackId id = model::kRootStack;
    for (const std::string& name : {std::string("main"), function}) {
      const model::Frame frame{.module = 0,
                               .offset = name == function ? 2U : 1U};
      symbols.learn(frame, {{.function = name, .module = "/bin/sage"}});
      id = profile.stacks.push(id, frame);
    }
    return analysis::Suppressor(rules::built_in_suppressions(), profile,
                                symbols)
               .find(id, LeakClass::Lost) != analysis::kNotSuppressed;
  };
  for (const char* name : {"MPI_Init", "PMPI_Init", "PMPI_Init_thread",
                           "MPI_Init_thread", "MPI_Finalize", "PMPI_Finalize"})
    CHECK(is_built_in(name));
  for (const char* name :
       {"my_MPI_Init_and_load", "MPI_Init_trees", "my_MPI_Finalize"})
    CHECK_FALSE(is_built_in(name));
}

// Each is for one file of a distribution: it is to be named, and to have a part
// in the stack, so that no library by itself is of that kind.
TEST_CASE("built-in suppressions of programs are for files in /usr") {
  std::size_t programs = 0;
  for (const rules::Suppression& one : rules::built_in_suppressions()) {
    if (one.objects.empty()) continue;
    INFO(one.name);
    ++programs;
    CHECK(one.kinds == (rules::kDefinite | rules::kIndirect));
    REQUIRE(one.frames.size() == 2);
    CHECK(one.frames[0].what == rules::FramePattern::What::AnyFrames);
    CHECK(one.frames[1].what == rules::FramePattern::What::Object);
    CHECK(one.frames[1].glob.starts_with("/usr/"));
    for (const std::string& glob : one.objects) {
      const bool is_library = glob.starts_with("*/lib");
      CHECK((is_library || glob.starts_with("/usr/")));
    }
  }
  CHECK(programs > 10);
}

TEST_CASE("what a program's extension loses is not built in") {
  const auto is_built_in = [](const std::vector<const char*>& innermost_first) {
    std::vector<model::Module> modules;
    symbolize::Symbolizer symbols(modules);
    model::Profile profile;
    model::StackId id = model::kRootStack;
    for (std::size_t i = innermost_first.size(); i > 0; --i) {
      const model::Frame frame{.module = 0, .offset = i};
      symbols.learn(frame, {{.module = innermost_first[i - 1]}});
      id = profile.stacks.push(id, frame);
    }
    return analysis::Suppressor(rules::built_in_suppressions(), profile,
                                symbols)
               .find(id, LeakClass::Lost) != analysis::kNotSuppressed;
  };
  constexpr const char* kPerl = "/usr/bin/perl";
  constexpr const char* kLibc = "/lib/x86_64-linux-gnu/libc.so.6";
  constexpr const char* kExtension = "/usr/lib/perl5/auto/Sage/Sage.so";
  CHECK(is_built_in({kPerl, kPerl, kLibc, kPerl}));
  CHECK(is_built_in({kLibc, kPerl, kLibc, kPerl, kLibc, kPerl}));
  CHECK(is_built_in({"/usr/lib/libperl.so.5.36", "/usr/bin/perl5.36", kLibc}));
  CHECK(!is_built_in({kExtension, kPerl, kLibc, kPerl}));
  CHECK(!is_built_in({kPerl, kExtension, kPerl, kLibc, kPerl}));
  CHECK(!is_built_in({"", kPerl, kLibc, kPerl}));
  // Of no program, and of one that somebody has built.
  CHECK(!is_built_in({kLibc, kLibc}));
  CHECK(
      !is_built_in({"/usr/lib/libperl.so.5.36", kLibc, "/opt/sage/bin/sage"}));
  CHECK(!is_built_in({"/usr/local/bin/perl", kLibc, "/usr/local/bin/perl"}));
  CHECK(!is_built_in({"/opt/sage/usr/bin/perl", kLibc}));
}

TEST_CASE("a mangled name is compared by what it means") {
  Sample sample;
  CHECK(sample.is_suppressed(entry("fun:_ZN4tree5NodesIiE4growEiPKc")));
  CHECK(sample.is_suppressed(entry("fun:_ZN4tree5Nodes*")));
  CHECK(!sample.is_suppressed(entry("fun:_ZN4tree5Leafs*")));
  CHECK(analysis::readable_pattern("_ZN3foo3barEv") == "foo::bar()");
  CHECK(analysis::readable_pattern("_ZN3foo3ba*") == "foo::ba*");
  CHECK(analysis::readable_pattern("_ZN3foo*") == "foo*");
  CHECK(analysis::readable_pattern("_Z4load*") == "load*");
  CHECK(analysis::readable_pattern("_Z*") == "_Z*");
  CHECK(analysis::readable_pattern("plain*") == "plain*");
}

TEST_CASE("kinds choose classes") {
  Sample sample;
  const auto of_kind = [&](const char* kinds, LeakClass which) {
    return sample.is_suppressed(
        entry(std::string("match-leak-kinds: ") + kinds + "\n..."), which);
  };
  CHECK(of_kind("definite", LeakClass::Lost));
  CHECK(!of_kind("definite", LeakClass::IndirectlyLost));
  CHECK(of_kind("indirect", LeakClass::IndirectlyLost));
  CHECK(!of_kind("definite,indirect", LeakClass::Reachable));
  CHECK(of_kind("reachable", LeakClass::Reachable));
  CHECK(of_kind("definite", LeakClass::NotScanned));
  CHECK(of_kind("all", LeakClass::Reachable));
  CHECK(!of_kind("none", LeakClass::Lost));
}

TEST_CASE("what is lost by a suppressed block goes with it") {
  Sample sample;
  // A second stack: main alone.
  const model::StackId other = 1;
  auto leaks = std::make_shared<model::LeakClasses>();
  leaks->stacks.resize(sample.profile.uses.size());
  leaks->stacks[kStack][LeakClass::Lost] = {3, 300};
  leaks->stacks[other][LeakClass::IndirectlyLost] = {5, 50};
  leaks->stacks[other][LeakClass::Reachable] = {7, 70};
  leaks->indirect.push_back({kStack, other, {5, 50}});
  leaks->scan.outcome = trace::ScanOutcome::Complete;
  leaks->scan.is_whole = true;
  sample.profile.leaks = leaks;
  const auto all = parse_suppressions(
      entry("match-leak-kinds: definite\n...\nfun:load") + "leak:nothing\n",
      "x.supp");
  const analysis::LeakReport report =
      analysis::find_leaks(sample.profile, sample.symbols, all);
  CHECK(report.was_asked);
  CHECK(report.is_complete);
  CHECK(report.lost() == LeakAmount{});
  CHECK(report.total[LeakClass::Reachable] == LeakAmount{7, 70});
  CHECK(report.suppressed == LeakAmount{8, 350});
  REQUIRE(report.uses.size() == 2);
  CHECK(report.uses[0].amount == LeakAmount{8, 350});
  CHECK(report.uses[0].stacks == 2);
  CHECK(report.uses[1].stacks == 0);
}

TEST_CASE("without a scan all that is live is of one class") {
  Sample sample;
  const analysis::LeakReport report =
      analysis::find_leaks(sample.profile, sample.symbols, {});
  CHECK(!report.was_asked);
  CHECK(report.total[LeakClass::NotScanned] == LeakAmount{3, 300});
}

TEST_CASE("every built-in suppression has a name and a reason") {
  for (const rules::Suppression& one : rules::built_in_suppressions()) {
    INFO(one.name);
    CHECK(one.is_built_in());
    CHECK(!one.reason.empty());
    CHECK(one.name.find(':') != std::string::npos);
    CHECK(one.frames.size() > 1);
  }
}
