// SPDX-License-Identifier: Apache-2.0
#include "seed_traces.h"

#include "folded_source.h"
#include "random_program.h"
#include "text_trace.h"
#include "trace_builder.h"

namespace sagemem::test {
namespace {

// Every kind of record and every api once.
constexpr const char* kAllKinds = R"(
  0 session info command prog\x00-x
  0 session module 0 0x400000-0x500000 bias 0x0 id 0a1b2c exe /bin/prog
  0 session module 1 0x7f0000-0x7f8000 bias 0x7f0000 recorder /lib/libsagemem.so
  5 t7 thread w1 main
  10 t7 malloc 64 -> 0x1000 @ main/a/b
  11 t7 calloc 65 -> 0x2000 @ main/a/c/0x7f0100
  12 t7 posix_memalign 64 align 32 -> 0x3000 @ main
  13 t7 new[] 9 -> failed @ main/d
  14 t7 realloc_begin 0x1000
  15 t8 malloc 3 -> 0x1000 @ thread/e
  16 t7 realloc_end 128 -> 0x1100 @ main/a
  17 t7 realloc_begin 0x2000
  18 t7 realloc_end 128 by reallocarray -> failed @ main/a
  19 t7 realloc_begin 0x2000
  20 t7 realloc_end 0 -> released @ main/a
  21 session resident 1000000 4096
  22 t7 mmap 8192 -> 0x10000 @ main/m
  23 t7 munmap 0x11000 4096 @ main/m
  24 t7 brk 4096 -> 0x600000 @ main
  25 t8 free 0x3000
  26 t8 delete[] 0x1100
  27 session fork 77
  28 session unload 0
  29 session module 2 0x400000-0x500000 bias 0x400000 /lib/other.so
  30 t7 malloc 1 -> 0x4000 @ main/z
  31 session exec /bin/sh
  32 session rule 1 scope forest built-in (number,nhalos@end)
  32 session rule 2 note nhalos (value)
  32 session rule 3 label type (value)
  32 session rule 4 scope snap process
  32 session probe 1 begin end call-through 0x400000 64 load
  32 session probe 3 begin int3 too-short 0x400040 64 mymalloc
  33 t7 scope_begin 4 process
  34 t7 scope_begin 1 -812
  35 t7 label 3 2
  36 t7 malloc 8 -> 0x5000 @ main/z
  37 t8 malloc 8 -> 0x5010 @ main/y
  38 t7 note 2 9223372036854775807
  39 t7 scope_begin 1 813
  40 t7 realloc_begin 0x5000
  41 t7 scope_end 1 abandoned
  42 t7 realloc_end 800 -> 0x5000 @ main/z
  43 t8 scope_end 4 5
  44 t7 scope_end 77 1 2 3 4 5 6 7 -8
  45 t7 snapshot end
  46 session info leak_scan on
  47 t7 scan_words 0x5000-0x9000 heap 0x5000=0x5010 0x5018=0x4000
  47 t7 scan_words 0x20000-0x30000 anonymous guarded 0x20008=0x4000
  48 t7 scan_thread 7 own sp 0x28000 tp 0x2f000 0x5010
  49 t7 scan_end complete records 3 words 3 bytes 9 unread 0 ns 9 threads 1 )"
                                  "missed 0\n";

std::vector<std::uint8_t> random_seed(std::uint64_t seed,
                                      const BuilderOptions& options) {
  ProgramOptions program;
  program.seed = seed;
  program.steps = 120;
  program.threads = 2;
  program.has_unknown = true;
  program.has_scopes = seed % 2 == 0;
  TraceBuilder trace(options);
  trace.info(0, "command", "prog");
  append(make_program(program), trace);
  return fold(trace.bytes());
}

}  // namespace

std::vector<std::vector<std::uint8_t>> seed_traces() {
  // A segment of a folded trace holds 1 KiB, header included.
  BuilderOptions options;
  options.max_segment_bytes = 600;
  std::vector<std::vector<std::uint8_t>> seeds;
  seeds.push_back(fold(text_to_trace(kAllKinds, options).bytes()));
  seeds.push_back(random_seed(1, options));
  // Without seals, damage reaches the records instead of the checksum.
  options.seal_all = false;
  seeds.push_back(fold(text_to_trace(kAllKinds, options).bytes()));
  seeds.push_back(random_seed(2, options));
  options.stamp_always = false;
  options.use_recent = false;
  seeds.push_back(random_seed(3, options));
  options.use_frame_cache = false;
  seeds.push_back(random_seed(4, options));
  return seeds;
}

}  // namespace sagemem::test
