// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "capture/module_table.h"

using sagemem::LoadedObject;
using sagemem::ModuleTable;

namespace {

struct Log {
  std::vector<std::string> loaded;
  std::vector<std::uint32_t> unloaded;
  std::uint64_t flags = 0;

  sagemem::ModuleListener listener() {
    return {this,
            [](void* log, std::uint32_t, const LoadedObject& object) noexcept {
              static_cast<Log*>(log)->loaded.emplace_back(object.path);
              static_cast<Log*>(log)->flags |= object.flags;
            },
            [](void* log, std::uint32_t number) noexcept {
              static_cast<Log*>(log)->unloaded.push_back(number);
            }};
  }
};

std::uint64_t here() {
  return reinterpret_cast<std::uint64_t>(&here);
}

}  // namespace

TEST_CASE("what is loaded is announced once", "[modules]") {
  Log log;
  ModuleTable table;
  REQUIRE(table.prepare());
  table.set_listener(log.listener());
  std::uint64_t header = 0;
  CHECK_FALSE(table.find(here(), header));
  table.announce_all();
  const auto count = log.loaded.size();
  CHECK(count >= 3);
  CHECK(log.loaded[0].front() == '/');
  CHECK((log.flags & sagemem::trace::kModuleIsExecutable) != 0);
  CHECK(table.find(here(), header));
  CHECK(header != 0);
  table.announce_all();
  table.revalidate(ModuleTable::Thoroughness::Files);
  CHECK(log.loaded.size() == count);
  CHECK(log.unloaded.empty());
  CHECK_FALSE(table.resolve(16, header));
  table.abandon();
}

TEST_CASE("what comes and goes is announced and changes the generation",
          "[modules]") {
  Log log;
  ModuleTable table;
  REQUIRE(table.prepare());
  table.set_listener(log.listener());
  table.announce_all();
  for (int round = 1; round <= 3; ++round) {
    const auto before = table.generation();
    void* library = dlopen("libanl.so.1", RTLD_NOW);
    REQUIRE(library != nullptr);
    link_map* map = nullptr;
    REQUIRE(dlinfo(library, RTLD_DI_LINKMAP, &map) == 0);
    std::uint64_t header = 0;
    CHECK(table.resolve(map->l_addr, header));
    CHECK(table.generation() != before);
    const auto loaded = table.generation();
    dlclose(library);
    table.revalidate(ModuleTable::Thoroughness::Ranges);
    CHECK(table.generation() != loaded);
    CHECK(log.unloaded.size() == static_cast<std::size_t>(round));
  }
  table.abandon();
}

TEST_CASE("a fork child knows what its parent knew", "[modules]") {
  Log parent;
  ModuleTable table;
  REQUIRE(table.prepare());
  table.set_listener(parent.listener());
  table.announce_all();
  Log child;
  table.set_listener(child.listener());
  table.inherit();
  std::sort(parent.loaded.begin(), parent.loaded.end());
  std::sort(child.loaded.begin(), child.loaded.end());
  CHECK(child.loaded == parent.loaded);
  std::uint64_t header = 0;
  CHECK(table.find(here(), header));
  table.abandon();
}
