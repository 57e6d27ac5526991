// SPDX-License-Identifier: Apache-2.0
//
// make_trees: merger-tree files to run minisage on, made up and the same
// everywhere for one seed and one set of options.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "tree_set.h"

namespace {

using make_trees::SetOptions;
using make_trees::SetTotals;

void add_options(CLI::App& app, SetOptions& options,
                 std::filesystem::path& checked) {
  auto* check = app.add_option("--check", checked,
                               "verify the tree files of this directory");
  app.add_option("--out", options.out, "directory to write to")
      ->excludes(check);
  app.add_option("--name", options.name, "base name of the files")
      ->capture_default_str();
  app.add_option("--forests", options.forests, "how many forests")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--files", options.files, "how many files to share them over")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--min-halos", options.min_halos, "halos of a forest, least")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--max-halos", options.max_halos, "halos of a forest, most")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--slope", options.slope, "sizes follow n^-SLOPE")
      ->check(CLI::Range(1.01, 5.0))
      ->capture_default_str();
  app.add_option("--big-forest", options.big_forest,
                 "halos of the middle forest (0: like the others)")
      ->check(CLI::Range(0, 10'000'000));
  app.add_option("--seed", options.seed, "of the random numbers")
      ->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Makes merger-tree files in the LHaloTree binary format."};
  SetOptions options;
  std::filesystem::path checked;
  add_options(app, options, checked);
  try {
    app.parse(argc, argv);
    if (options.out.empty() == checked.empty())
      throw CLI::RequiredError("--out or --check");
    if (options.min_halos > options.max_halos)
      throw CLI::ValidationError("--min-halos", "more than --max-halos");
    if (options.files > options.forests)
      throw CLI::ValidationError("--files", "more than --forests");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  try {
    const SetTotals totals = checked.empty()
                                 ? make_trees::write_set(options)
                                 : make_trees::check_set(checked, options.name);
    fmt::print("{} forests, {} halos, {} in the largest\n", totals.forests,
               totals.halos, totals.largest);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_trees: {}\n", error.what());
    return 1;
  }
}
