// SPDX-License-Identifier: Apache-2.0
//
// The text form: what is printed reads back as the same trace, and mistakes in
// a fixture are named.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "decode/text.h"
#include "random_program.h"
#include "text_trace.h"

namespace {

using namespace sagemem;
using test::FrameNames;
using test::TraceBuilder;

std::string to_text(const TraceBuilder& trace, const FrameNames& names = {}) {
  const std::vector<std::uint8_t> bytes = trace.bytes();
  return test::trace_to_text(decode::TraceFile(decode::wrap_bytes(bytes)),
                             names);
}

}  // namespace

TEST_CASE("every line comes back as it was written") {
  const std::string text =
      "0 session info command prog\\x00--flag\n"
      "0 session module 3 0x400000-0x500000 bias 0x0 id 0a1bff exe /bin/p q\n"
      "5 t7 thread w1 worker one\n"
      "1000 t7 malloc 64 -> 0x1000 @ main/run sage/site_a\n"
      "1001 t7 posix_memalign 64 align 32 -> 0x3000 @ main\n"
      "1002 t7 aligned_alloc 64 align 4096 -> failed @ main\n"
      "1003 t7 calloc 64 -> failed\n"
      "1020 t7 free 0x1000\n"
      "1021 t7 delete[] 0x5000 @ main/0x7f0000001234\n"
      "1030 t7 realloc_begin 0x3000\n"
      "1040 t7 realloc_end 128 -> 0x3000 @ main\n"
      "1041 t7 realloc_begin 0x3000\n"
      "1042 t7 realloc_end 128 by reallocarray -> failed @ main\n"
      "1043 t7 realloc_begin 0x3000\n"
      "1044 t7 realloc_end 0 -> released @ main\n"
      "1045 t7 realloc 5 -> 0x3000 @ main\n"
      "1050 t7 mmap 4096 -> 0x7000 @ main\n"
      "1060 t7 munmap 0x7000 4096 @ main\n"
      "1061 t7 brk 4096 -> 0x9000 @ main\n"
      "1062 t7 brk 0x9000 4096 @ main\n"
      "1070 session unload 3\n";
  FrameNames names;
  const TraceBuilder trace = test::text_to_trace(text, names);
  CHECK(to_text(trace, names) == text);
}

TEST_CASE("random programs survive printing and parsing") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test::ProgramOptions program;
    program.seed = seed;
    program.steps = 500;
    TraceBuilder trace;
    append(test::make_program(program), trace);
    const std::string text = to_text(trace);
    REQUIRE(to_text(test::text_to_trace(text)) == text);
  }
}

TEST_CASE("comments and blank lines are nothing") {
  const TraceBuilder trace = test::text_to_trace(
      "\n  # a comment\n\n  10 t1 malloc 8 -> 0x10 @ main  \n");
  CHECK(trace.segments() == 1);
}

TEST_CASE("mistakes name their line") {
  for (const std::string bad :
       {"x t1 free 0x10", "10", "10 t1", "10 q1 free 0x10", "10 t1 frea 0x10",
        "10 t1 free", "10 t1 free 0x", "10 t1 free 0x10 20",
        "10 t1 malloc 8 ->", "10 t1 malloc 8 -> 0x10 main", "10 t1 munmap 0x10",
        "10 session resident 5", "10 session nothing", "10 t1 thread x1",
        "10 session module 0 0x10 bias 0x0"}) {
    CAPTURE(bad);
    try {
      test::text_to_trace("5 t1 malloc 8 -> 0x10\n" + bad + "\n");
      FAIL("it was accepted");
    } catch (const std::invalid_argument& error) {
      CHECK(std::string(error.what()).starts_with("line 2: "));
    }
  }
}

TEST_CASE("what the file says can not break a line or a terminal") {
  CHECK(decode::escape("a b~") == "a b~");
  CHECK(decode::escape("a\nb\x1b[31m\\\xff") == "a\\x0ab\\x1b[31m\\x5c\\xff");
}

TEST_CASE("every function has its name") {
  CHECK(decode::api_name(trace::Api::Unknown) == "unknown");
  CHECK(decode::api_name(static_cast<trace::Api>(200)) == "unknown");
  CHECK(decode::api_name(trace::Api::OperatorNewArray) == "new[]");
}
