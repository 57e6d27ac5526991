// SPDX-License-Identifier: Apache-2.0
#include "fixtures.h"

#include <fmt/format.h>

#include <initializer_list>
#include <stdexcept>
#include <string_view>

#include "text_trace.h"

namespace sagemem::test {
namespace {

using symbolize::Location;
using trace::EndKind;
using trace::Loss;
using trace::Notice;
using trace::StopReason;

// 2025-06-01 12:00:00 UTC.
constexpr std::int64_t kNoon = 1'748'779'200'000'000'000;

struct NamedFrame {
  const char* frame;  // in the text
  std::vector<Location> locations;
};

Location at(const char* function, const char* file = "", std::uint32_t line = 0,
            bool inlined = false) {
  return {.function = function,
          .file = file,
          .line = line,
          .module = "/opt/sage/bin/sage",
          .offset = 0,
          .inlined = inlined};
}

Location in_library(const char* function) {
  Location location = at(function);
  location.module = "/opt/sage/lib/libc.so.6";
  return location;
}

Fixture build(std::string name, std::string_view text,
              const std::vector<NamedFrame>& frames,
              void (*change)(trace::FileHeader&)) {
  FrameNames names;
  TraceBuilder trace = text_to_trace(text, names);
  trace.header.start_realtime_ns = kNoon;
  trace.header.end_realtime_ns = kNoon + 2'500'000'000;
  trace.header.end_monotonic_ns = 2'500'000'000;
  trace.header.end_ticks = 2'500'000'000;
  change(trace.header);
  Fixture fixture{.name = std::move(name), .trace = trace.bytes(), .names = {}};
  for (const NamedFrame& one : frames)
    fixture.names[names.address(one.frame)] = one.locations;
  return fixture;
}

// ---------------------------------------------------------------- a clean run

constexpr std::string_view kForests = R"(
  0 session info command ./sage\x00input/millennium run.par
  0 session info program /opt/sage/bin/sage
  0 session info directory /home/ada/runs
  0 session info host node12
  0 session info kernel 6.1.0-18-amd64
  0 session info recorder 0.1.0
  0 session info allocator /opt/sage/lib/libc.so.6
  0 session info environment OMP_NUM_THREADS=1
  0 session info environment SLURM_JOB_ID=4711
  0 session module 0 0x400000-0x500000 bias 0x0 id 0011 exe /opt/sage/bin/sage
  0 session module 1 0x700000-0x800000 bias 0x700000 id ff /opt/sage/lib/libc.so.6
  0 session resident 3000000 1000000
  1000000 t100 malloc 4096 -> 0x1000000 @ start/main/read_parameters/strdup
  1100000 t100 malloc 27 -> 0x1002000 @ start/main/read_parameters/strdup
  100000000 t100 malloc 9437184 -> 0x2000000 @ start/main/sage/load_halos/mymalloc
  200000000 t100 calloc 1048576 -> 0x3000000 @ start/main/sage/sage_aux/mycalloc
  300000000 t100 malloc 400 -> 0x1004000 @ start/main/sage/construct/galaxies/myrealloc
  300000000 session resident 20000000 1500000
  400000000 t100 realloc_begin 0x1004000
  400000100 t100 realloc_end 4000000 -> 0x4000000 @ start/main/sage/construct/galaxies/myrealloc
  500000000 t100 realloc_begin 0x4000000
  500000100 t100 realloc_end 8000000 -> 0x5000000 @ start/main/sage/construct/galaxies/myrealloc
  500000200 session resident 21000000 1500000
  600000000 t100 malloc 104 -> 0x1006000 @ start/main/sage/construct/push_back/operator_new
  610000000 t100 free 0x1006000
  620000000 t100 malloc 208 -> 0x1006000 @ start/main/sage/construct/push_back/operator_new
  630000000 t100 free 0x1006000
  640000000 t100 malloc 1024 -> 0x1008000 @ start/main/sage/save/snprintf_buffer
  650000000 t100 free 0x1008000
  700000000 t100 malloc 8388608 -> failed @ start/main/sage/save/output_buffer
  800000000 t100 free 0x5000000
  900000000 t100 free 0x3000000
  1000000000 t100 free 0x2000000
  1000000500 session resident 5000000 1500000
  1500000000 t100 malloc 65536 -> 0x6000000 @ start/main/sage/save/output_buffer
  2000000000 t100 posix_memalign 64 align 64 -> 0x1009000 @ start/main/sage/gsl
  2100000000 t100 free 0x1002000
)";

Fixture make_forests() {
  const std::string dir = "/opt/sage/src/";
  const std::string model = dir + "core_build_model.c";
  return build(
      "forests", kForests,
      {{"start", {in_library("__libc_start_call_main")}},
       {"main", {at("main", (dir + "main.c").c_str(), 88)}},
       {"sage",
        {at("run_one_forest", (dir + "sage.c").c_str(), 171, true),
         at("run_sage", (dir + "sage.c").c_str(), 96)}},
       {"sage_aux", {at("sage_per_forest", (dir + "sage.c").c_str(), 203)}},
       {"read_parameters",
        {at("read_parameter_file", (dir + "core_read_parameter_file.c").c_str(),
            41)}},
       {"load_halos",
        {at("load_forest_lht_binary",
            (dir + "io/read_tree_lhalo_binary.c").c_str(), 118)}},
       {"construct",
        {at("evolve_galaxies", model.c_str(), 322, true),
         at("construct_galaxies", model.c_str(), 77)}},
       {"galaxies", {at("join_galaxies_of_progenitors", model.c_str(), 215)}},
       {"save", {at("save_galaxies", (dir + "core_save.c").c_str(), 144)}},
       {"snprintf_buffer",
        {at("format_header", (dir + "core_save.c").c_str(), 60)}},
       {"output_buffer",
        {at("prepare_buffer", (dir + "core_save.c").c_str(), 19)}},
       {"push_back",
        {at("std::vector<Galaxy, std::allocator<Galaxy> >::push_back(Galaxy "
            "const&)",
            "/usr/include/c++/12/bits/stl_vector.h", 1287, true),
         at("Model::add(Galaxy const&)", (dir + "model.cpp").c_str(), 31)}},
       {"operator_new", {in_library("operator new(unsigned long)")}},
       {"strdup", {in_library("strdup")}},
       {"mymalloc", {at("mymalloc", (dir + "core_mymalloc.c").c_str(), 35)}},
       {"mycalloc", {at("mycalloc", (dir + "core_mymalloc.c").c_str(), 52)}},
       {"myrealloc", {at("myrealloc", (dir + "core_mymalloc.c").c_str(), 70)}}},
      [](trace::FileHeader& header) {
        header.rank = 3;
        header.pid = 4711;
        header.peak_resident_bytes = 23'000'000;
      });
}

// --------------------------------------------- threads, losses, a sudden end

constexpr std::string_view kKilled = R"(
  0 session info command ./pool\x00-n\x00two words
  0 session info host node12
  0 session module 0 0x400000-0x500000 bias 0x0 exe /opt/pool/pool
  0 t10 thread w1 main
  0 t11 thread w2 worker-0
  0 t12 thread w3 worker-1
  1000 t10 malloc 100 -> 0x1000 @ main
  2000 t11 malloc 5000 -> 0x2000 @ start_thread/worker
  3000 t12 malloc 7000 -> 0x4000 @ start_thread/worker
  3500 session fork 99
  3600 session fork 100
  4000 t12 free 0x2000
  4500 t12 mmap 1048576 -> 0x7f0000000000 @ start_thread/worker
  5000 t11 free 0x9990
  6000 t11 malloc 300 -> 0x4000 @ start_thread/generated
  6500 t12 munmap 0x7f0000000000 4096 @ start_thread/worker
)";

Fixture make_killed() {
  return build(
      "killed", kKilled,
      {{"main", {at("main")}},
       {"start_thread", {in_library("start_thread")}},
       {"worker", {at("Pool::run(int)::{lambda()#1}::operator()()")}},
       {"generated", {Location{}}}},
      [](trace::FileHeader& header) {
        header.end_kind = static_cast<std::uint32_t>(EndKind::Unknown);
        header.end_realtime_ns = 0;
        header.end_monotonic_ns = 0;
        header.end_ticks = 0;
        header.flags = trace::kFlagMmap;
        header.stop_reason = static_cast<std::uint32_t>(StopReason::NoSpace);
        header.stop_errno = 28;
        header.stop_ticks = 6400;
        header.losses[static_cast<std::size_t>(Loss::StoppedAlloc)] = 1203;
        header.losses[static_cast<std::size_t>(Loss::NoWriter)] = 1;
        header.notices[static_cast<std::size_t>(Notice::StackTruncated)] = 2;
        header.notices[static_cast<std::size_t>(Notice::ClockNotInvariant)] = 1;
      });
}

// ------------------------------------------------------- nothing, and malice

// A fork child that released one block of its parent.
Fixture make_empty() {
  return build(
      "empty", "0 session info command true\n5 t1 free 0x1000\n", {},
      [](trace::FileHeader& header) { header.flags |= trace::kFlagForked; });
}

constexpr std::string_view kHostile = R"(
  0 session info command \x1b[2J\xff\xc3\x28\x00a\x0ab
  0 session info host \x1b]0;owned\x07
  0 session module 0 0x400000-0x500000 bias 0x0 exe /dev/zero
  0 session module 1 0x600000-0x700000 bias 0x600000 id 01 /opt/\x1b[31mred\xe2\x82\xac
  0 t1 thread w1 \x1b[5mblink
  0 t2 thread w2 two
  10 t1 malloc 1 -> 0x1000 @ control
  20 t1 malloc 0 -> 0x2000 @ long
  30 t1 malloc 18446744073709551615 -> 0x3000 @ 0x600123
  40 t2 malloc 18446744073709551615 -> 0x4000 @ 0x12
  50 t2 malloc 9223372036854775808 -> 0x5000 @ zero
)";

Fixture make_hostile() {
  const std::string long_name =
      "ns::" + std::string(300, 'x') + "<" + std::string(300, '<');
  return build(
      "hostile", kHostile,
      {{"control", {at("evil\x1b[31m(int)", "/a\x07/b\n.c", 7)}},
       {"long", {at(long_name.c_str(), long_name.c_str(), 4294967295)}}},
      [](trace::FileHeader& header) {
        header.end_kind = 77;
        header.stop_reason = 99;
        header.stop_errno = -5;
        header.clock_kind = 9;
        header.start_realtime_ns = -1;
      });
}

// -------------------------------------------------------------------- scopes

// Of a run of SAGE: twelve forests that grow, one of them far too large, some
// that leave blocks behind.
constexpr std::string_view kScopesHead = R"(
  0 session info command ./sage\x00mini.par
  0 session module 0 0x400000-0x500000 bias 0x0 id 0011 exe /opt/sage/bin/sage
  0 session rule 1 scope forest built-in (number)
  0 session rule 2 note nhalos built-in
  0 session rule 3 scope run process
  0 session rule 4 scope snapshot
  0 session rule 5 label kind (value)
  0 session probe 1 begin end call-through 0x401000 288 sage_per_forest
  0 session probe 2 end int3 too-short 0x402000 4 load_forest
  0 session probe 3 begin marker 0x0 0
  0 session probe 4 begin end none no-symbol 0x0 0 run_snapshot
  1000 t100 scope_begin 3 process
  2000 t100 malloc 65536 -> 0x1000 @ main/read
)";

std::string scopes_text() {
  std::string text(kScopesHead);
  for (int i = 0; i < 12; ++i) {
    const int forest = 100 + i;
    const int halos = 100 * (i + 1) * (i + 1);
    const std::uint64_t start =
        10'000'000 + 5'000'000u * static_cast<unsigned>(i);
    const int own = halos * 80 * (i == 7 ? 4 : 1);
    text += fmt::format(
        "{0} t100 scope_begin 1 {1}\n"
        "{0} t100 malloc {2} -> 0x10000 @ main/sage/load\n"
        "{0} t100 note 2 {3}\n"
        "{4} t100 scope_begin 4\n"
        "{4} t100 malloc {5} -> 0x200000 @ main/sage/build\n"
        "{6} t100 free 0x200000\n"
        "{6} t100 scope_end 4\n",
        start, forest, own, halos, start + 1'000'000, halos * 8,
        start + 2'000'000);
    if (i % 4 == 0) {
      text += fmt::format("{} t100 malloc 1000 -> {:#x} @ main/sage/leak\n",
                          start + 2'500'000, 0x30000 + 0x1000 * i);
    }
    text += fmt::format(
        "{0} t100 free 0x10000\n"
        "{0} t100 scope_end 1{1}\n"
        "{2} session resident {3} 1000000\n",
        start + 3'000'000, i == 10 ? " abandoned" : "", start + 3'500'000,
        4'000'000 + halos * 10);
  }
  text +=
      "100000000 t100 free 0x30000\n"
      "100000000 t100 scope_end 4\n"
      "100000000 t100 note 2 5\n"
      "100000001 t100 scope_begin 1 112\n"
      "100000002 t100 malloc 500 -> 0x10000 @ main/sage/load\n"
      "100000003 t100 scope_begin 4\n"
      "100000004 t100 scope_end 3\n"
      "100000005 t100 scope_begin 1 -1\n"
      "100000006 session snapshot after all forests\n";
  return text;
}

Fixture make_scopes() {
  const std::string dir = "/opt/sage/src/";
  return build(
      "scopes", scopes_text(),
      {{"main", {at("main", (dir + "main.c").c_str(), 88)}},
       {"sage", {at("sage_per_forest", (dir + "sage.c").c_str(), 203)}},
       {"read", {at("read_parameters", (dir + "main.c").c_str(), 41)}},
       {"load", {at("load_forest", (dir + "io.c").c_str(), 118)}},
       {"build", {at("construct_galaxies", (dir + "model.c").c_str(), 77)}},
       {"leak", {at("cool_gas", (dir + "cooling.c").c_str(), 12)}}},
      [](trace::FileHeader&) {});
}

constexpr struct {
  const char* name;
  Fixture (*make)();
} kFixtures[] = {{"forests", make_forests},
                 {"killed", make_killed},
                 {"empty", make_empty},
                 {"hostile", make_hostile},
                 {"scopes", make_scopes}};

}  // namespace

std::vector<std::string> fixture_names() {
  std::vector<std::string> names;
  for (const auto& one : kFixtures) names.emplace_back(one.name);
  return names;
}

Fixture make_fixture(const std::string& name) {
  for (const auto& one : kFixtures)
    if (name == one.name) return one.make();
  throw std::invalid_argument("no fixture " + name);
}

}  // namespace sagemem::test
