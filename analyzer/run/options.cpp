// SPDX-License-Identifier: Apache-2.0

#include "run/options.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "run/exit_codes.h"

namespace sagemem::run {

namespace {

constexpr char kFooter[] =
    "Exit code: the program's own; when a signal ends the program,\n"
    "sagemem-run ends by the same signal.  124: PROGRAM cannot be profiled;\n"
    "125: sagemem-run failed; 126: PROGRAM cannot be executed; 127: not "
    "found.\n"
    "With --check, when the program's is 0: 1, a rule is broken; 3, the trace\n"
    "is not complete.";

// The command is no positional of CLI11's, so it does not show it by itself.
class UsageFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: sagemem-run [OPTIONS] [--] PROGRAM [ARGS...]\n";
  }
};

void add_options(CLI::App& app, Options& options, bool& no_follow,
                 bool& no_report) {
  app.add_option("-o,--output", options.output,
                 "name of the trace: %e program, %p pid,\n"
                 "%n start counter, %h host, %r rank, %% percent\n"
                 "(else SAGEMEM_OUTPUT, or sagemem.%e.%p.smt)")
      ->type_name("PATTERN");
  app.add_option("--profile", options.profile,
                 "what to see of the program's calls, and what to call its\n"
                 "memory: a profile's name, or a TOML file")
      ->type_name("PROFILE");
  app.add_flag("--mmap", options.record_mmap,
               "record mmap, munmap, mremap and brk as well");
  app.add_flag("--no-follow", no_follow,
               "do not record children and executed programs");
  app.add_option("--library", options.library,
                 "use this libsagemem.so instead of looking for it")
      ->type_name("PATH");
  app.add_flag("--no-report", no_report, "print no summary at the end");
  app.add_flag("--report-all", options.report_all,
               "print a summary of each trace, children's too");
  app.add_option("--check", options.checks,
                 "check the trace: a file of rules, see sagemem-rules(5), or\n"
                 "a rule; can be repeated")
      ->type_name("RULES")
      ->allow_extra_args(false);
  app.add_flag("-q,--quiet", options.quiet,
               "say nothing but errors and the summary");
  app.add_flag("--force", options.force,
               "run PROGRAM even when it cannot be profiled");
}

std::vector<std::string> take_command(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "--") {
    words.erase(words.begin());
  } else if (!words.empty() && words.front().starts_with('-')) {
    throw CLI::ExtrasError({words.front()});
  }
  if (words.empty()) throw CLI::RequiredError("PROGRAM");
  return words;
}

}  // namespace

ParseResult parse_options(int argc, const char* const* argv) {
  Options options;
  bool no_follow = false;
  bool no_report = false;
  CLI::App app("Run a program and record its heap; see sagemem-run(1).",
               "sagemem-run");
  app.formatter(std::make_shared<UsageFormatter>());
  app.footer(kFooter);
  app.set_version_flag("--version", "sagemem-run " SAGEMEM_VERSION);
  // Everything from the first word that is no option of ours is the command.
  app.prefix_command();
  add_options(app, options, no_follow, no_report);
  try {
    app.parse(argc, argv);
    options.command = take_command(app.remaining());
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : kExitFailed};
  }
  options.follow = !no_follow;
  options.report = !no_report;
  return {options, 0};
}

}  // namespace sagemem::run
