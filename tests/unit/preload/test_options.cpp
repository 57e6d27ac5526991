// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

#include "session/options.h"

using sagemem::Options;
using sagemem::read_options;

namespace {

// Options from an environment of one or two strings, and what was said.
struct Read {
  Options options;
  std::string said;
};

Read read(const char* first, const char* second = nullptr) {
  const char* const environment[] = {first, second, nullptr};
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const int saved = dup(2);
  dup2(ends[1], 2);
  Read result{read_options(environment), {}};
  dup2(saved, 2);
  close(saved);
  close(ends[1]);
  char text[1024];
  const auto size = ::read(ends[0], text, sizeof text);
  close(ends[0]);
  result.said.assign(text, static_cast<std::size_t>(size));
  return result;
}

}  // namespace

TEST_CASE("without variables the defaults hold", "[options]") {
  const Options options = read_options(nullptr);
  CHECK(std::string(options.output) == "sagemem.%e.%p.smt");
  CHECK(options.follow);
  CHECK_FALSE(options.off);
  CHECK_FALSE(options.quiet);
  CHECK_FALSE(options.mmap);
}

TEST_CASE("switches take several words", "[options]") {
  CHECK(read("SAGEMEM_OFF=1").options.off);
  CHECK(read("SAGEMEM_OFF=yes").options.off);
  CHECK_FALSE(read("SAGEMEM_FOLLOW=off").options.follow);
  CHECK_FALSE(read("SAGEMEM_FOLLOW=false").options.follow);
  CHECK(read("SAGEMEM_MMAP=true").options.mmap);
}

TEST_CASE("a bad value is named and the default used", "[options]") {
  const Read result = read("SAGEMEM_FOLLOW=maybe");
  CHECK(result.options.follow);
  CHECK(result.said.find("sagemem: SAGEMEM_FOLLOW: 'maybe'") == 0);
  CHECK(result.said.back() == '\n');
}

TEST_CASE("quiet silences complaints about the others", "[options]") {
  CHECK(read("SAGEMEM_FOLLOW=maybe", "SAGEMEM_QUIET=1").said.empty());
}

TEST_CASE("patterns are checked", "[options]") {
  CHECK(std::string(read("SAGEMEM_OUTPUT=/x/%e.%r.smt").options.output) ==
        "/x/%e.%r.smt");
  for (const char* bad :
       {"SAGEMEM_OUTPUT=", "SAGEMEM_OUTPUT=a%", "SAGEMEM_OUTPUT=a%q"}) {
    const Read result = read(bad);
    CHECK(std::string(result.options.output) == "sagemem.%e.%p.smt");
    CHECK(result.said.find("SAGEMEM_OUTPUT") != std::string::npos);
  }
}

TEST_CASE("a very long value does not break the line", "[options]") {
  const std::string text = "SAGEMEM_OFF=" + std::string(5000, 'x');
  const Read result = read(text.c_str());
  CHECK_FALSE(result.options.off);
  CHECK(result.said.size() < 600);
  CHECK(result.said.back() == '\n');
}
