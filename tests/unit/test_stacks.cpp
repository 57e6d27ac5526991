// SPDX-License-Identifier: Apache-2.0
//
// From program counters to stacks: which module an address belongs to at which
// time, and the tree that shares outer frames.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "model/module_table.h"
#include "model/stack_resolver.h"
#include "model/stack_tree.h"
#include "sagemem/trace/format.h"

namespace {

using namespace sagemem;
using model::Frame;
using model::kNoModule;
using model::kRootStack;
using model::ModuleTable;
using model::StackId;
using model::StackResolver;
using model::StackTree;

decode::ModuleLoadRecord module(std::uint64_t number, std::uint64_t start,
                                std::uint64_t end, std::string_view path) {
  decode::ModuleLoadRecord record;
  record.number = number;
  record.bias = start;
  record.start = start;
  record.end = end;
  record.path = path;
  return record;
}

}  // namespace

TEST_CASE("stacks share their outer frames") {
  StackTree tree;
  const StackId main = tree.push(kRootStack, {0, 0x10});
  const StackId a = tree.push(main, {0, 0x20});
  const StackId b = tree.push(main, {0, 0x30});
  CHECK(tree.push(main, {0, 0x20}) == a);
  CHECK(a != b);
  CHECK(tree.size() == 4);
  CHECK(tree.outer(a) == main);
  CHECK(tree.frames(a) == std::vector<Frame>{{0, 0x20}, {0, 0x10}});
  CHECK(tree.frames(kRootStack).empty());
  // The same offset in another module is another frame.
  CHECK(tree.push(main, {1, 0x20}) != a);
}

TEST_CASE("a return address belongs to the module of its call") {
  ModuleTable modules;
  modules.load(module(0, 0x1000, 0x2000, "a"), 0);
  modules.load(module(1, 0x2000, 0x3000, "b"), 0);
  CHECK(modules.resolve(0x1001) == Frame{0, 1});
  // Behind the last call of a, and that is where b begins.
  CHECK(modules.resolve(0x2000) == Frame{0, 0x1000});
  CHECK(modules.resolve(0x2001) == Frame{1, 1});
  CHECK(modules.resolve(0x3000) == Frame{1, 0x1000});
  CHECK(modules.resolve(0x3001) == Frame{kNoModule, 0x3001});
  CHECK(modules.resolve(0x1000) == Frame{kNoModule, 0x1000});
  CHECK(modules.resolve(0) == Frame{kNoModule, 0});
}

TEST_CASE("two libraries at one address in turn stay apart") {
  ModuleTable modules;
  StackTree tree;
  StackResolver resolver(tree, modules);
  modules.load(module(0, 0x1000, 0x2000, "a"), 10);
  const StackId first = resolver.push(kRootStack, 0x1500);
  CHECK(resolver.push(kRootStack, 0x1500) == first);
  modules.unload(0, 20);
  const StackId between = resolver.push(kRootStack, 0x1500);
  modules.load(module(1, 0x1000, 0x2000, "b"), 30);
  const StackId second = resolver.push(kRootStack, 0x1500);
  CHECK(tree.frame(first).module == 0);
  CHECK(tree.frame(between).module == kNoModule);
  CHECK(tree.frame(second).module == 1);
  const std::vector<model::Module> all = std::move(modules).take_modules();
  REQUIRE(all.size() == 2);
  CHECK(all[0].loaded_ns == 10);
  CHECK(all[0].unloaded_ns == 20);
  CHECK(all[1].unloaded_ns == -1);
}

TEST_CASE("a module that takes another's addresses ends it") {
  ModuleTable modules;
  modules.load(module(0, 0x1000, 0x3000, "a"), 0);
  modules.load(module(1, 0x5000, 0x6000, "b"), 0);
  modules.load(module(2, 0x2000, 0x4000, "c"), 7);
  CHECK(modules.resolve(0x1800).module == kNoModule);
  CHECK(modules.resolve(0x2800).module == 2);
  CHECK(modules.resolve(0x5800).module == 1);
  const std::vector<model::Module> all = std::move(modules).take_modules();
  CHECK(all[0].unloaded_ns == 7);
  CHECK(all[1].unloaded_ns == -1);
}

TEST_CASE("module numbers are names") {
  ModuleTable modules;
  modules.load(module(~std::uint64_t{0}, 0x1000, 0x2000, "a"), 0);
  modules.load(module(5, 0x3000, 0x4000, "b"), 0);
  modules.unload(6, 1);  // never loaded
  modules.unload(5, 1);
  modules.unload(5, 2);  // twice
  CHECK(modules.resolve(0x1800).module == 0);
  CHECK(modules.resolve(0x3800).module == kNoModule);
}

TEST_CASE("frames of the recorder are left out") {
  ModuleTable modules;
  StackTree tree;
  StackResolver resolver(tree, modules);
  decode::ModuleLoadRecord recorder =
      module(1, 0x8000, 0x9000, "libsagemem.so");
  recorder.flags = trace::kModuleIsRecorder;
  modules.load(module(0, 0x1000, 0x2000, "a"), 0);
  modules.load(recorder, 0);
  const StackId main = resolver.push(kRootStack, 0x1500);
  CHECK(resolver.push(main, 0x8123) == main);
  CHECK(resolver.push(main, 0x8123) == main);
  CHECK(tree.size() == 2);
}

TEST_CASE("address 0 is a frame like any other") {
  ModuleTable modules;
  StackTree tree;
  StackResolver resolver(tree, modules);
  const StackId zero = resolver.push(kRootStack, 0);
  CHECK(zero != kRootStack);
  CHECK(resolver.push(kRootStack, 0) == zero);
}
