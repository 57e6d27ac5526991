// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
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

namespace {

// An address inside of a library that is loaded and unloaded again.
std::uint64_t place_of(const char* name) {
  void* library = dlopen(name, RTLD_NOW);
  REQUIRE(library != nullptr);
  link_map* map = nullptr;
  REQUIRE(dlinfo(library, RTLD_DI_LINKMAP, &map) == 0);
  const std::uint64_t place = map->l_addr;
  REQUIRE(dlclose(library) == 0);
  return place;
}

}  // namespace

TEST_CASE("a library may go while its headers are read", "[modules]") {
  const std::uint64_t place = place_of("libanl.so.1");
  std::atomic<bool> is_over{false};
  std::thread reader([&] {
    while (!is_over) {
      LoadedObject object;
      if (sagemem::find_loaded_object(place, object)) {
        sagemem::is_still_that_file(object);
      }
    }
  });
  for (int i = 0; i < 2000; ++i) {
    void* library = dlopen("libanl.so.1", RTLD_NOW);
    if (library != nullptr) dlclose(library);
  }
  is_over = true;
  reader.join();
  SUCCEED("nothing has crashed");
}

TEST_CASE("while a change is expected the generation is odd", "[modules]") {
  Log log;
  ModuleTable table;
  REQUIRE(table.prepare());
  table.set_listener(log.listener());
  table.announce_all();
  void* library = dlopen("libanl.so.1", RTLD_NOW);
  REQUIRE(library != nullptr);
  link_map* map = nullptr;
  REQUIRE(dlinfo(library, RTLD_DI_LINKMAP, &map) == 0);
  std::uint64_t header = 0;
  REQUIRE(table.resolve(map->l_addr, header));
  const auto before = table.generation();
  CHECK(before % 2 == 0);

  table.expect_change();
  CHECK(table.generation() == before + 1);
  CHECK(table.settle(true) == before + 1);  // the loader is not done yet
  CHECK(table.settle(false) == before);     // it did nothing of note

  table.expect_change();
  dlclose(library);
  CHECK(table.settle(false) % 2 == 0);
  CHECK(table.generation() != before);
  CHECK(log.unloaded.size() == 1);
  table.abandon();
}

TEST_CASE("the loader's own code is known", "[modules]") {
  Log log;
  ModuleTable table;
  REQUIRE(table.prepare());
  table.set_listener(log.listener());
  table.announce_all();
  CHECK_FALSE(table.is_of_loader(here()));
  CHECK(table.is_of_loader(
      reinterpret_cast<std::uint64_t>(dlsym(RTLD_DEFAULT, "__tls_get_addr"))));
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
