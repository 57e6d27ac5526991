// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "session/follow.h"

namespace {

std::string without_us(std::string variable) {
  const char* environment[] = {"A=1", variable.data(), "Z=2", nullptr};
  sagemem::remove_from_preload(environment);
  return variable.c_str();
}

}  // namespace

TEST_CASE("only our own entry leaves LD_PRELOAD", "[follow]") {
  CHECK(without_us("LD_PRELOAD=/x/libsagemem.so") == "LD_PRELOAD=");
  CHECK(without_us("LD_PRELOAD=libsagemem.so.1:/y/libfoo.so") ==
        "LD_PRELOAD=/y/libfoo.so");
  CHECK(without_us("LD_PRELOAD=/y/libfoo.so /x/libsagemem.so /z/b.so") ==
        "LD_PRELOAD=/y/libfoo.so:/z/b.so");
  CHECK(without_us("LD_PRELOAD=/libsagemem.so/other.so") ==
        "LD_PRELOAD=/libsagemem.so/other.so");
  CHECK(without_us("OTHER=libsagemem.so") == "OTHER=libsagemem.so");
}
