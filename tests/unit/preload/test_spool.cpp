// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "transport/spool.h"

namespace {

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("places are tried in order and end", "[spool]") {
  sagemem::PathText path;
  REQUIRE(sagemem::spool_path("/scratch", 0, path));
  CHECK(std::string(path.c_str()).starts_with("/scratch/sagemem-spool."));
  std::uint32_t places = 0;
  while (sagemem::spool_path(nullptr, places, path)) ++places;
  CHECK(places > 2);
  CHECK(places < 100);
}

TEST_CASE("a spool replaces its stub", "[spool]") {
  char directory[] = "/tmp/sagemem-unit-XXXXXX";
  REQUIRE(mkdtemp(directory) != nullptr);
  const std::string output = std::string(directory) + "/out";
  const std::string spool = std::string(directory) + "/spool";
  std::string data(3 * 65536, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<char>(i * 7 >> 4);
  }
  std::ofstream(spool, std::ios::binary) << data;
  const int out_fd = open(output.c_str(), O_CREAT | O_WRONLY, 0600);
  sagemem::PathText spool_text;
  spool_text.add(spool.c_str());
  REQUIRE(sagemem::write_spool_stub(out_fd, spool_text));
  close(out_fd);
  CHECK(contents(output) == "SAGEMEM-SPOOL " + spool + "\n");

  const int fd = open(spool.c_str(), O_RDONLY);
  sagemem::PathText output_text;
  output_text.add(output.c_str());
  CHECK(sagemem::copy_spool(fd, data.size(), output_text));
  close(fd);
  CHECK(contents(output) == data);
  unlink(output.c_str());
  unlink(spool.c_str());
  rmdir(directory);
}
