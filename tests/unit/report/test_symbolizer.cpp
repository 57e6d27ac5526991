// SPDX-License-Identifier: Apache-2.0
//
// The samples are loaded and call back, so that the program counters are what
// a recorder would have seen.
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "samples/sample.h"
#include "symbolize/names.h"
#include "symbolize/symbolizer.h"

using namespace sagemem;
using symbolize::Location;
using symbolize::Locations;
using symbolize::plain_name;
using symbolize::Symbolizer;
using symbolize::SymbolState;

namespace {

std::uintptr_t g_return_address;

[[gnu::noinline]] void note_caller() {
  g_return_address =
      reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
}

std::string sample_path(const std::string& name) {
  const char* directory = std::getenv("TEST_SAMPLES");
  REQUIRE(directory != nullptr);
  return std::string(directory) + "/" + name;
}

std::string full() {
  return sample_path("libsample_full.so");
}

std::vector<std::uint8_t> note_build_id(const dl_phdr_info& info) {
  for (unsigned i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* at =
        reinterpret_cast<const std::uint8_t*>(info.dlpi_addr + segment.p_vaddr);
    const std::uint8_t* const end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) < end) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof note);
      const std::uint8_t* name = at + sizeof note;
      const std::uint8_t* data = name + ((note.n_namesz + 3u) & ~3u);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4)
        return {data, data + note.n_descsz};
      at = data + ((note.n_descsz + 3u) & ~3u);
    }
  }
  return {};
}

// One sample, loaded.
class Sample {
 public:
  explicit Sample(const std::string& path) {
    module_.path = path;
    handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    INFO(path);
    REQUIRE(handle_ != nullptr);
    link_map* map = nullptr;
    REQUIRE(dlinfo(handle_, RTLD_DI_LINKMAP, &map) == 0);
    module_.bias = map->l_addr;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
          auto* module = static_cast<model::Module*>(data);
          if (info->dlpi_addr == module->bias)
            module->build_id = note_build_id(*info);
          return 0;
        },
        &module_);
  }
  ~Sample() { dlclose(handle_); }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  [[nodiscard]] const model::Module& module() const { return module_; }

  // The frame in which `entry` calls back.
  [[nodiscard]] model::Frame call(const char* entry) const {
    const auto function =
        reinterpret_cast<void (*)(SampleCallback)>(dlsym(handle_, entry));
    REQUIRE(function != nullptr);
    function(note_caller);
    return {.module = 0, .offset = g_return_address - module_.bias};
  }

  [[nodiscard]] std::uint32_t line(int index) const {
    const int* lines = static_cast<int*>(dlsym(handle_, "g_sample_lines"));
    REQUIRE(lines != nullptr);
    return static_cast<std::uint32_t>(lines[index]);
  }

 private:
  void* handle_ = nullptr;
  model::Module module_;
};

std::string file_name(const Location& location) {
  return std::filesystem::path(location.file).filename();
}

void check_inlined(const Sample& sample, Locations found) {
  REQUIRE(found.size() == 3);
  // Internal linkage: where there is no mangled name the namespace still shows.
  CHECK(plain_name(found[0]->function) ==
        "shape::(anonymous namespace)::innermost");
  CHECK(found[0]->line == sample.line(2));
  CHECK(found[0]->inlined);
  CHECK(plain_name(found[1]->function) ==
        "shape::(anonymous namespace)::middle");
  CHECK(found[1]->line == sample.line(1));
  CHECK(found[1]->inlined);
  CHECK(found[2]->function == "sample_inlined");
  CHECK(found[2]->line == sample.line(0));
  CHECK_FALSE(found[2]->inlined);
  for (const Location* location : found) {
    CHECK(file_name(*location) == "sample.cpp");
    CHECK(std::filesystem::path(location->file).is_absolute());
  }
}

}  // namespace

TEST_CASE("inlined functions are frames of their own") {
  const Sample sample(full());
  const std::vector<model::Module> modules = {sample.module()};
  Symbolizer symbols(modules);
  const model::Frame frame = sample.call("sample_inlined");
  check_inlined(sample, symbols.resolve(frame));
  CHECK(symbols.unreadable().empty());
  CHECK(symbols.summary(0).has_lines);
}

TEST_CASE("C++ names are demangled, with the line of the call") {
  const Sample sample(full());
  const std::vector<model::Module> modules = {sample.module()};
  Symbolizer symbols(modules);
  const Locations member = symbols.resolve(sample.call("sample_member"));
  REQUIRE(member.size() == 1);
  CHECK(member[0]->function.find("shape::Square::area(void (*)()) const") == 0);
  CHECK(member[0]->line == sample.line(4));
  const Locations hidden = symbols.resolve(sample.call("sample_hidden"));
  CHECK(hidden[0]->function.find("shape::(anonymous namespace)::hidden") == 0);
  CHECK(hidden[0]->line == sample.line(3));
  const Locations lambda = symbols.resolve(sample.call("sample_lambda"));
  CHECK(lambda[0]->function.find("sample_lambda") != std::string::npos);
  CHECK(lambda[0]->function.find("lambda") != std::string::npos);
  CHECK(lambda[0]->line == sample.line(5));
}

TEST_CASE("the call is looked up, not the instruction behind it") {
  // The return address of a call that ends a function is the next function.
  const Sample sample(full());
  const std::vector<model::Module> modules = {sample.module()};
  Symbolizer symbols(modules);
  const model::Frame in_member = sample.call("sample_member");
  // Walk to the end of the function: its last byte still belongs to it.
  const std::string name = symbols.resolve(in_member)[0]->function;
  std::uint64_t end = in_member.offset;
  while (symbols.resolve({0, end + 1})[0]->function == name) ++end;
  CHECK(symbols.resolve({0, end})[0]->function == name);
  CHECK(symbols.resolve({0, end + 1})[0]->function != name);
}

TEST_CASE("a separate debug file is found by .gnu_debuglink") {
  const Sample sample(sample_path("sample_linked.so"));
  const std::vector<model::Module> modules = {sample.module()};
  Symbolizer symbols(modules);
  check_inlined(sample, symbols.resolve(sample.call("sample_inlined")));
}

TEST_CASE("without debug information .symtab has the names") {
  const Sample sample(sample_path("libsample_plain.so"));
  const std::vector<model::Module> modules = {sample.module()};
  Symbolizer symbols(modules);
  const Locations inlined = symbols.resolve(sample.call("sample_inlined"));
  REQUIRE(inlined.size() == 1);
  CHECK(inlined[0]->function == "sample_inlined");
  CHECK(inlined[0]->file.empty());
  CHECK(inlined[0]->line == 0);
  CHECK(symbols.resolve(sample.call("sample_hidden"))[0]->function.find(
            "hidden") != std::string::npos);
  CHECK_FALSE(symbols.summary(0).has_lines);
  CHECK(symbols.summary(0).has_symbols);
}

TEST_CASE("a stripped library has its exported names and offsets") {
  const Sample sample(sample_path("sample_stripped.so"));
  const std::vector<model::Module> modules = {sample.module()};
  Symbolizer symbols(modules);
  CHECK(symbols.resolve(sample.call("sample_inlined"))[0]->function ==
        "sample_inlined");
  const model::Frame frame = sample.call("sample_hidden");
  const Locations hidden = symbols.resolve(frame);
  REQUIRE(hidden.size() == 1);
  CHECK(hidden[0]->function.empty());
  CHECK(hidden[0]->offset == frame.offset);
  CHECK(hidden[0]->name().find("sample_stripped.so+0x") == 0);
}

TEST_CASE("a file that was built again gives no names, and says so once") {
  const Sample sample(full());
  model::Module changed = sample.module();
  changed.path = sample_path("libsample_other.so");
  const std::vector<model::Module> modules = {changed, changed};
  Symbolizer symbols(modules);
  const model::Frame frame = sample.call("sample_inlined");
  for (const std::uint32_t module : {0u, 1u}) {
    const Locations found = symbols.resolve({module, frame.offset});
    REQUIRE(found.size() == 1);
    CHECK(found[0]->name().find("libsample_other.so+0x") == 0);
  }
  REQUIRE(symbols.unreadable().size() == 1);
  CHECK(symbols.unreadable()[0].state == SymbolState::OtherBuild);
}

TEST_CASE("a build id that only one side has is another build") {
  const Sample anonymous(sample_path("libsample_anonymous.so"));
  CHECK(anonymous.module().build_id.empty());
  const model::Frame frame = anonymous.call("sample_inlined");
  model::Module with_id = anonymous.module();
  with_id.build_id = {1, 2, 3};
  model::Module without_id = anonymous.module();
  without_id.path = full();
  const std::vector<model::Module> modules = {anonymous.module(), with_id,
                                              without_id};
  Symbolizer symbols(modules);
  CHECK(symbols.resolve(frame).back()->function == "sample_inlined");
  CHECK(symbols.resolve({1, frame.offset})[0]->function.empty());
  CHECK(symbols.resolve({2, frame.offset})[0]->function.empty());
}

TEST_CASE("code of no module has a name without an address") {
  const std::vector<model::Module> modules;
  Symbolizer symbols(modules);
  const Locations found = symbols.resolve({model::kNoModule, 0x7f0012345678});
  REQUIRE(found.size() == 1);
  CHECK(found[0]->name() == "[code of no module]");
  CHECK(symbols.resolve({12, 0})[0]->name() == "[code of no module]");
}

TEST_CASE("names that were learned need no file") {
  std::vector<model::Module> modules(1);
  modules[0].path = "/nowhere/at/all";
  Symbolizer symbols(modules);
  symbols.learn({0, 64}, {{.function = "f",
                           .file = "f.c",
                           .line = 3,
                           .module = "/nowhere/at/all",
                           .offset = 0,
                           .inlined = false}});
  CHECK(symbols.resolve({0, 64})[0]->function == "f");
  CHECK(symbols.unreadable().empty());
  CHECK(symbols.resolve({0, 65})[0]->name() == "all+0x41");
  REQUIRE(symbols.unreadable().size() == 1);
  CHECK(symbols.unreadable()[0].state == SymbolState::NoFile);
}

TEST_CASE("only regular files are opened as modules") {
  const std::string directory =
      std::filesystem::temp_directory_path() / "sagemem-test-symbolizer";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const std::string fifo = directory + "/fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const std::string text = directory + "/text";
  std::ofstream(text) << "no ELF file";
  const std::string empty = directory + "/empty";
  std::ofstream(empty).flush();
  std::vector<model::Module> modules;
  for (const std::string& path :
       {fifo, directory, std::string("/dev/zero"), std::string("/dev/tty"),
        std::string("/proc/self/maps"), empty, text, std::string(),
        std::string("linux-vdso.so.1"), directory + "/none"})
    modules.emplace_back().path = path;
  Symbolizer symbols(modules);
  for (std::uint32_t i = 0; i < modules.size(); ++i) {
    INFO(modules[i].path);
    const Locations found = symbols.resolve({i, 0x1000});
    REQUIRE(found.size() == 1);
    CHECK(found[0]->function.empty());
  }
  CHECK(symbols.unreadable().size() == modules.size());
  std::filesystem::remove_all(directory);
}

TEST_CASE("a damaged ELF file gives wrong names at worst") {
  std::ifstream in(full(), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  REQUIRE(good.size() > 4096);
  const Sample sample(full());
  const model::Frame frame = sample.call("sample_inlined");
  const std::string path =
      std::filesystem::temp_directory_path() / "sagemem-test-damaged.so";
  std::minstd_rand random(7);
  for (int round = 0; round < 200; ++round) {
    std::string bad = good;
    for (int i = 0; i < 20; ++i)
      bad[random() % bad.size()] = static_cast<char>(random());
    if (round % 4 == 0) bad.resize(random() % bad.size());
    std::ofstream(path, std::ios::binary) << bad;
    model::Module module = sample.module();
    module.path = path;
    const std::vector<model::Module> modules = {module};
    Symbolizer symbols(modules);
    for (std::uint64_t i = 0; i < 64; ++i)
      CHECK_FALSE(symbols.resolve({0, frame.offset - 32 + i}).empty());
  }
  std::filesystem::remove(path);
}
