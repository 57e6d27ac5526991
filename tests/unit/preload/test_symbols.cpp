// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "scope/symbols.h"

using sagemem::ElfImage;
using sagemem::SymbolMatch;

// Found by their names below.
extern "C" {
__attribute__((noinline, used)) int sagemem_test_function(int n) {
  return n + 1;
}
__attribute__((used)) int sagemem_test_number = 3;
}

namespace {

std::string contents_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

// A file that goes with the test.
class File {
 public:
  File() {
    const int fd = mkstemp(path_);
    REQUIRE(fd >= 0);
    close(fd);
  }
  ~File() { unlink(path_); }
  const char* path() const { return path_; }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

 private:
  char path_[32] = "/tmp/sagemem-test-XXXXXX";
};

SymbolMatch named(const char* name) {
  SymbolMatch match;
  match.name = {name, static_cast<std::uint32_t>(std::strlen(name))};
  return match;
}

// Looks at all that an image says.
std::uint64_t read_all(const ElfImage& image) {
  SymbolMatch matches[] = {named("main"), named("_init"), named("qsort")};
  sagemem::find_symbols(image, matches, 3);
  std::uint64_t sum = image.first_address();
  for (const SymbolMatch& match : matches) {
    for (std::uint32_t i = 0; i < match.function_count; ++i) {
      const std::uint64_t address = match.functions[i].address;
      const std::size_t left = image.code_left(address);
      const std::uint8_t* code = image.code(address, left);
      for (std::size_t k = 0; code != nullptr && k < left; ++k) sum += code[k];
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("functions and variables of this program are found") {
  ElfImage image;
  REQUIRE(image.open("/proc/self/exe"));
  SymbolMatch matches[] = {named("sagemem_test_function"),
                           named("sagemem_test_number"), named("sagemem_test_"),
                           named("no such")};
  sagemem::find_symbols(image, matches, 4);
  REQUIRE(matches[0].function_count == 1);
  const std::uint64_t bias =
      reinterpret_cast<std::uint64_t>(&sagemem_test_function) -
      matches[0].functions[0].address;
  CHECK(bias % 4096 == 0);
  CHECK(matches[0].functions[0].size > 0);
  CHECK(matches[0].functions[0].next > matches[0].functions[0].address);
  CHECK(bias + matches[1].object_address ==
        reinterpret_cast<std::uint64_t>(&sagemem_test_number));
  CHECK(matches[1].object_bytes == sizeof sagemem_test_number);
  CHECK(matches[2].function_count == 0);
  CHECK(matches[3].function_count == 0);
  // The code that runs is the code of the file.
  const std::uint64_t size = matches[0].functions[0].size;
  const std::uint8_t* code = image.code(matches[0].functions[0].address, size);
  REQUIRE(code != nullptr);
  CHECK(std::memcmp(code, reinterpret_cast<const void*>(&sagemem_test_function),
                    size) == 0);
}

TEST_CASE("what is no file, or no program, is refused") {
  ElfImage image;
  CHECK_FALSE(image.open("/nowhere"));
  CHECK_FALSE(image.open("/"));
  CHECK_FALSE(image.open("/dev/null"));
  const File file;
  CHECK_FALSE(image.open(file.path()));
  file.write(
      "\x7f"
      "ELF");
  CHECK_FALSE(image.open(file.path()));
}

TEST_CASE("a damaged file is read within its bounds") {
  const std::string whole = contents_of("/bin/true");
  REQUIRE(whole.size() > 1000);
  const File file;
  std::mt19937 random(7);
  for (int i = 0; i < 600; ++i) {
    std::string bytes = whole;
    if (i % 3 == 0) bytes.resize(random() % whole.size());
    // Headers at the start, the section table at the end.
    for (int k = 0; k < 6 && !bytes.empty(); ++k) {
      const std::size_t span = std::min<std::size_t>(bytes.size(), 2000);
      const std::size_t at = random() % span;
      bytes[random() % 2 == 0 ? at : bytes.size() - 1 - at] =
          static_cast<char>(random() % 3 == 0 ? 0xff : random());
    }
    file.write(bytes);
    ElfImage image;
    if (image.open(file.path())) read_all(image);
  }
}
