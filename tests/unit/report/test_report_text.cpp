// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "report/chart.h"
#include "report/page.h"
#include "report/text.h"
#include "report/units.h"

using namespace sagemem::report;

TEST_CASE("numbers as people read them") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1000) == "1,000");
  CHECK(format_count(1234567) == "1,234,567");
  CHECK(format_things(1, "block") == "1 block");
  CHECK(format_things(0, "block") == "0 blocks");
}

TEST_CASE("bytes") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1.0 KiB");
  CHECK(format_bytes(1048575) == "1.0 MiB");
  CHECK(format_bytes(std::uint64_t{5} << 30) == "5.0 GiB");
  CHECK(format_bytes(std::numeric_limits<std::uint64_t>::max()) == "16.0 EiB");
  CHECK(format_bytes_exactly(100) == "100 B");
  CHECK(format_bytes_exactly(4096) == "4.0 KiB (4,096 bytes)");
}

TEST_CASE("shares") {
  CHECK(format_share(1, 0) == "-");
  CHECK(format_share(0, 9) == "0.0 %");
  CHECK(format_share(1, 10000) == "<0.1 %");
  CHECK(format_share(1, 3) == "33.3 %");
  CHECK(format_share(3, 3) == "100.0 %");
}

TEST_CASE("durations") {
  CHECK(format_duration(-1) == "0 ns");
  CHECK(format_duration(999) == "999 ns");
  CHECK(format_duration(1500) == "1.50 us");
  CHECK(format_duration(999'600) == "1.00 ms");
  CHECK(format_duration(98'760'000) == "98.8 ms");
  CHECK(format_duration(6'710'000'000) == "6.71 s");
  CHECK(format_duration(119'000'000'000) == "119 s");
  CHECK(format_duration(125'000'000'000) == "2 min 05 s");
  CHECK(format_duration(3'725'000'000'000) == "1 h 02 min 05 s");
  CHECK_FALSE(
      format_duration(std::numeric_limits<std::int64_t>::max()).empty());
}

TEST_CASE("wall times are ISO 8601 in UTC") {
  CHECK(format_wall_time(0).empty());
  CHECK(format_wall_time(1'748'779'200'250'000'000) ==
        "2025-06-01T12:00:00.250Z");
  CHECK_FALSE(
      format_wall_time(std::numeric_limits<std::int64_t>::max()).empty());
}

TEST_CASE("what a terminal would obey is escaped") {
  CHECK(printable("a b", true) == "a b");
  CHECK(printable("\x1b[2J\n\t\x7f", true) == "\\x1b[2J\\x0a\\x09\\x7f");
  CHECK(printable("\xe2\x82\xac", true) == "\xe2\x82\xac");
  CHECK(printable("\xe2\x82\xac", false) == "\\xe2\\x82\\xac");
  // Cut off, overlong, a surrogate, beyond Unicode, a C1 control character.
  CHECK(printable("\xe2\x82", true) == "\\xe2\\x82");
  CHECK(printable("\xc0\xaf", true) == "\\xc0\\xaf");
  CHECK(printable("\xed\xa0\x80", true) == "\\xed\\xa0\\x80");
  CHECK(printable("\xf4\x90\x80\x80", true) == "\\xf4\\x90\\x80\\x80");
  CHECK(printable("\xc2\x9b", true) == "\\xc2\\x9b");
  CHECK(printable("\xf0\x9f\x90\xbb", true) == "\xf0\x9f\x90\xbb");
}

TEST_CASE("shortened text fits and keeps what matters") {
  CHECK(shorten_end("abcdef", 6) == "abcdef");
  CHECK(shorten_end("abcdefg", 6) == "abcd..");
  CHECK(shorten_middle("abcdefghij", 7) == "ab..hij");
  CHECK(shorten_path("/usr/share/doc/project/src/tree.c", 20) ==
        "/usr/../src/tree.c");
  CHECK(shorten_path("/a/very_long_name_of_a_file.c", 12) == "very_..ile.c");
  // Columns, not bytes.
  CHECK(columns_of("\xc3\xa4\xc3\xb6") == 2);
  CHECK(shorten_end("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", 3) == "\xc3\xa4..");
  for (std::size_t columns = 0; columns < 12; ++columns) {
    CHECK(columns_of(shorten_end("abcdefghijkl", columns)) <= columns);
    CHECK(columns_of(shorten_middle("abcdefghijkl", columns)) <= columns);
    CHECK(columns_of(shorten_path("/abc/def/ghi", columns)) <= columns);
    CHECK(columns_of(shorten_function("a<b>::c::d(int)", columns)) <= columns);
  }
}

TEST_CASE("functions lose parameters first, then templates, then scopes") {
  const std::string name = "void outer::Pool<long>::take<int>(int, char)";
  CHECK(shorten_function(name, 40) == "outer::Pool<long>::take<int>");
  CHECK(shorten_function(name, 20) == "outer::Pool::take");
  CHECK(shorten_function(name, 12) == "Pool::take");
  CHECK(shorten_function(name, 6) == "take");
}

TEST_CASE("arguments are quoted as a shell wants them") {
  CHECK(shell_quoted("run.par") == "run.par");
  CHECK(shell_quoted("") == "''");
  CHECK(shell_quoted("two words") == "'two words'");
  CHECK(shell_quoted("it's") == "'it'\\''s'");
}

TEST_CASE("bars and curves") {
  CHECK(bar(0, 10, 10, false).empty());
  CHECK(bar(5, 10, 10, false) == "#####");
  CHECK(bar(1, 100000, 10, false) == "#");
  CHECK(bar(20, 10, 10, false) == "##########");
  CHECK(bar(1, 0, 10, false).empty());
  CHECK(columns_of(bar(55, 100, 10, true)) == 6);
  CHECK(sparkline({}, true).empty());
  CHECK(sparkline({0, 0}, false) == "  ");
  CHECK(sparkline({0, 1, 50, 100}, false) == " _=#");
  CHECK(columns_of(sparkline({0, 1, 2, 3}, true)) == 4);
}

TEST_CASE("a page keeps to its width and paints on request only") {
  Page plain({.width = 60, .color = false, .utf8 = false});
  plain.heading("TITLE", "note");
  plain.field("Label", std::string(30, 'a') + " " + std::string(30, 'b'));
  plain.field("Empty", "");
  plain.line("blanks   ");
  CHECK(plain.text() == "TITLE" + std::string(51, ' ') + "note\n" +  //
                            "Label           " + std::string(30, 'a') + "\n" +
                            std::string(16, ' ') + std::string(30, 'b') +
                            "\n" +  //
                            "Empty\n" + "blanks\n");
  CHECK(plain.paint(Tone::Bad, "x") == "x");
  const Page painted({.width = 60, .color = true, .utf8 = false});
  CHECK(painted.paint(Tone::Bad, "x") == "\x1b[1;31mx\x1b[0m");
  CHECK(painted.paint(Tone::Plain, "x") == "x");
}

TEST_CASE("a word wider than the page is broken") {
  Page page({.width = 60, .color = false, .utf8 = false});
  page.field("Label", std::string(100, 'x'));
  std::size_t lines = 0;
  for (const char c : page.text()) lines += c == '\n' ? 1 : 0;
  CHECK(lines == 3);
}
