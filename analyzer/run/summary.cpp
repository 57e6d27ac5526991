// SPDX-License-Identifier: Apache-2.0

#include "run/summary.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "run/exit_codes.h"

namespace sagemem::run {

namespace fs = std::filesystem;

namespace {

// Beside us when installed, in the next folder in the build tree.
fs::path find_report() {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path installed = here / "sagemem-report";
  return fs::exists(installed) ? installed : here / "../cli/sagemem-report";
}

// As in system(3): an interrupt from the terminal ends the child, not us.
class InterruptsIgnored {
 public:
  InterruptsIgnored() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&defaults_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], &ignore, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) sigaddset(&defaults_, kSignals[i]);
    }
  }
  InterruptsIgnored(const InterruptsIgnored&) = delete;
  InterruptsIgnored& operator=(const InterruptsIgnored&) = delete;
  ~InterruptsIgnored() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], &before_[i], nullptr);
    }
  }

  // Those that the child is to have back.
  [[nodiscard]] const sigset_t& defaults() const { return defaults_; }

 private:
  static constexpr std::array<int, 2> kSignals = {SIGINT, SIGQUIT};

  std::array<struct sigaction, 2> before_{};
  sigset_t defaults_{};
};

pid_t spawn_report(const fs::path& program, std::vector<std::string> words,
                   const sigset_t& defaults) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes,
                                arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), program);
  }
  return pid;
}

// Its exit code.
int run_report(std::vector<std::string> words) {
  const fs::path program = find_report();
  words.insert(words.begin(), program.filename());
  const InterruptsIgnored guard;
  const pid_t pid = spawn_report(program, std::move(words), guard.defaults());
  int status = 0;
  // A stop of the job, a debugger: wait again.
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kExitUndecided;
}

// A name that ends so, or of a file that is there, is no rule.
std::vector<std::string> check_words(const std::vector<std::string>& checks) {
  std::vector<std::string> words = {"check"};
  for (const std::string& one : checks) {
    std::error_code ignored;
    const bool is_file =
        one.ends_with(".toml") || fs::is_regular_file(one, ignored);
    words.insert(words.end(), {is_file ? "--rules" : "--check", one});
  }
  return words;
}

}  // namespace

void print_summary(const std::string& trace, const std::string& profile) {
  std::vector<std::string> words = {trace};
  if (!profile.empty()) words.insert(words.end(), {"--profile", profile});
  static_cast<void>(run_report(std::move(words)));
}

int check_traces(const std::vector<std::string>& traces,
                 const std::vector<std::string>& checks,
                 const std::string& profile) {
  std::vector<std::string> words = check_words(checks);
  if (!profile.empty()) words.insert(words.end(), {"--profile", profile});
  words.insert(words.end(), traces.begin(), traces.end());
  return run_report(std::move(words));
}

bool are_rules(const std::vector<std::string>& checks) {
  std::vector<std::string> words = check_words(checks);
  words.emplace_back("--rules-only");
  return run_report(std::move(words)) == 0;
}

}  // namespace sagemem::run
