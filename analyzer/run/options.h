// SPDX-License-Identifier: Apache-2.0
//
// What the user asked of sagemem-run: one field per option, see
// sagemem-run(1).  PROGRAM and everything after it are left alone, also when
// they look like options of ours.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sagemem::run {

struct Options {
  std::string library;  // --library; empty: look for it
  std::string output;   // --output; empty: SAGEMEM_OUTPUT or the default
  std::string profile;  // --profile; empty: what the recorder finds fitting
  bool record_mmap = false;
  bool follow = true;
  bool quiet = false;
  bool report = true;
  bool report_all = false;
  bool force = false;
  // --check: files of rules, or rules.
  std::vector<std::string> checks;
  std::vector<std::string> command;  // PROGRAM ARGS, never empty
};

// Either the options, or the exit code to end with at once: --help, --version
// and mistakes have printed what there is to say.
struct ParseResult {
  std::optional<Options> options;
  int exit_code = 0;
};

[[nodiscard]] ParseResult parse_options(int argc, const char* const* argv);

}  // namespace sagemem::run
