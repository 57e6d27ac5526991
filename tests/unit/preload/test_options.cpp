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

TEST_CASE("a choice is one of two words", "[options]") {
  CHECK_FALSE(read_options(nullptr).free_stacks);
  CHECK_FALSE(read_options(nullptr).use_libunwind);
  CHECK(read("SAGEMEM_STACKS=both").options.free_stacks);
  CHECK_FALSE(read("SAGEMEM_STACKS=alloc").options.free_stacks);
  CHECK(read("SAGEMEM_UNWIND=libunwind").options.use_libunwind);
  CHECK_FALSE(read("SAGEMEM_UNWIND=verified").options.use_libunwind);
  CHECK_FALSE(read_options(nullptr).stamp_every);
  CHECK(read("SAGEMEM_STAMPS=every").options.stamp_every);
  CHECK_FALSE(read("SAGEMEM_STAMPS=few").options.stamp_every);
  const Read bad = read("SAGEMEM_UNWIND=fast");
  CHECK_FALSE(bad.options.use_libunwind);
  CHECK(bad.said.find("sagemem: SAGEMEM_UNWIND: 'fast'") == 0);
}

TEST_CASE("a size has a unit or none", "[options]") {
  CHECK(read_options(nullptr).max_bytes == 0);
  CHECK(read("SAGEMEM_MAX_BYTES=70000").options.max_bytes == 70000);
  CHECK(read("SAGEMEM_MAX_BYTES=3K").options.max_bytes == 3072);
  CHECK(read("SAGEMEM_MAX_BYTES=5m").options.max_bytes == 5 << 20);
  CHECK(read("SAGEMEM_MAX_BYTES=2G").options.max_bytes == 2ull << 30);
  for (const char* bad :
       {"SAGEMEM_MAX_BYTES=", "SAGEMEM_MAX_BYTES=K", "SAGEMEM_MAX_BYTES=1Kb",
        "SAGEMEM_MAX_BYTES=-1", "SAGEMEM_MAX_BYTES=18446744073709551616",
        "SAGEMEM_MAX_BYTES=17179869184G"}) {
    const Read result = read(bad);
    CHECK(result.options.max_bytes == 0);
    CHECK(result.said.find("sagemem: SAGEMEM_MAX_BYTES: '") == 0);
  }
}

TEST_CASE("packing is on, off, from a size on or left to us", "[options]") {
  using sagemem::kPackLongTraces;
  using sagemem::kPackNever;
  CHECK(read_options(nullptr).pack_at == kPackLongTraces);
  CHECK(read("SAGEMEM_PACK=auto").options.pack_at == kPackLongTraces);
  CHECK(read("SAGEMEM_PACK=on").options.pack_at == 0);
  CHECK(read("SAGEMEM_PACK=0").options.pack_at == kPackNever);
  CHECK(read("SAGEMEM_PACK=20M").options.pack_at == 20u << 20);
  const Read bad = read("SAGEMEM_PACK=often");
  CHECK(bad.options.pack_at == kPackLongTraces);
  CHECK(bad.said.find("sagemem: SAGEMEM_PACK: 'often'") == 0);
  CHECK(read("SAGEMEM_PACKER=/x").options.packer == std::string("/x"));
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
