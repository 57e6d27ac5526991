// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "session/output_name.h"

namespace {

std::string expand(const char* pattern, std::uint32_t counter = 0,
                   std::int32_t rank = 3) {
  sagemem::PathText out;
  const sagemem::NameParts parts{"sage", "node7", 4711, rank};
  const bool fits = expand_output_name(pattern, parts, counter, out);
  return fits ? out.c_str() : "does not fit";
}

}  // namespace

TEST_CASE("letters stand for facts", "[output_name]") {
  CHECK(expand("%e.%p.%h.%r.%n%%") == "sage.4711.node7.3.0%");
  CHECK(expand("/a/b.smt") == "/a/b.smt");
  CHECK(expand("r%r", 0, -1) == "r0");
}

TEST_CASE("the counter goes before the extension", "[output_name]") {
  CHECK(expand("sagemem.%e.%p.smt", 1) == "sagemem.sage.4711.1.smt");
  CHECK(expand("/d.x/trace", 2) == "/d.x/trace.2");
  CHECK(expand("/d.x/.hidden", 2) == "/d.x/.hidden.2");
}

TEST_CASE("or where the pattern wants it", "[output_name]") {
  CHECK(expand("%n-%e", 7) == "7-sage");
  CHECK(expand("%%n.smt", 7) == "%n.7.smt");
}

TEST_CASE("a slash in a name does not lead elsewhere", "[output_name]") {
  sagemem::PathText out;
  const sagemem::NameParts parts{"a/../b", "h", 1, 0};
  CHECK(expand_output_name("%e", parts, 0, out));
  CHECK(std::string(out.c_str()) == "a_.._b");
}

TEST_CASE("too long is said", "[output_name]") {
  CHECK(expand(std::string(5000, 'x').c_str()) == "does not fit");
}
