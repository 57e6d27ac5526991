// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target without a fuzzer: on the seeds, on mutations of them
// (the same ones every time), and on files of a corpus.
//
//   *_corpus --mutations N     seeds, and N mutations
//   *_corpus --write DIR       writes the seeds, for a fuzzer to start
//   from replay_corpus FILE...           the files: findings, a corpus
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "mutation.h"
#include "random_program.h"
#include "seed_traces.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

// The target must not turn a claim of its input into memory; libFuzzer has
// -malloc_limit_mb for that.
// NOLINTNEXTLINE(readability-identifier-naming): the sanitizer calls it so.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "max_allocation_size_mb=64:quarantine_size_mb=8";
}

namespace {

using Bytes = std::vector<std::uint8_t>;

void run(const Bytes& input) {
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

void run_mutations(unsigned long count) {
  const std::vector<Bytes> seeds = sagemem::test::seed_traces();
  for (const Bytes& seed : seeds) run(seed);
  for (unsigned long round = 0; round < count; ++round) {
    sagemem::test::Random random(round);
    Bytes input = seeds[round % seeds.size()];
    sagemem::test::mutate(input, random, 8);
    if (random.chance(10)) input.resize(random.below(input.size() + 1));
    run(input);
  }
  std::printf("%zu seeds, %lu mutations\n", seeds.size(), count);
}

void write_seeds(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  int number = 0;
  for (const Bytes& seed : sagemem::test::seed_traces()) {
    const std::string name = "seed-" + std::to_string(number++);
    std::ofstream out(directory / name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(seed.data()),
              static_cast<std::streamsize>(seed.size()));
  }
}

void run_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "%s: can not be read\n", path);
    std::exit(2);
  }
  run(Bytes(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string option = argc > 1 ? argv[1] : "";
  if (option == "--mutations" && argc == 3) {
    run_mutations(std::strtoul(argv[2], nullptr, 10));
  } else if (option == "--write" && argc == 3) {
    write_seeds(argv[2]);
  } else {
    for (int i = 1; i < argc; ++i) run_file(argv[i]);
  }
  return 0;
}
