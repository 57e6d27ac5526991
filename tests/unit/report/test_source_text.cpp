// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "symbolize/source_text.h"

using sagemem::symbolize::SourceText;

namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

constexpr std::int64_t kHour = 3'600'000'000'000;

class Scratch {
 public:
  Scratch()
      : path_(std::filesystem::temp_directory_path() /
              "sagemem-test-source.c") {
    std::ofstream(path_) << "int a;\n\n  return malloc(8);\t\nlast";
  }
  ~Scratch() { std::filesystem::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("source lines come without the white space around them") {
  const Scratch file;
  SourceText sources(now_ns() + kHour);
  CHECK(sources.line(file.path(), 1) == "int a;");
  CHECK(sources.line(file.path(), 2).empty());
  CHECK(sources.line(file.path(), 3) == "return malloc(8);");
  CHECK(sources.line(file.path(), 4) == "last");
  CHECK(sources.line(file.path(), 5).empty());
  CHECK(sources.line(file.path(), 0).empty());
  CHECK(sources.line(file.path(), 4'000'000'000u).empty());
}

TEST_CASE("a source that was written after the recording is not quoted") {
  const Scratch file;
  SourceText sources(now_ns() - kHour);
  CHECK(sources.line(file.path(), 1).empty());
}

TEST_CASE("what is no regular file has no lines") {
  SourceText sources(now_ns() + kHour);
  for (const char* path : {"", "/dev/zero", "/", "/no/such/file.c"})
    CHECK(sources.line(path, 1).empty());
}
