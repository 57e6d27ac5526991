// SPDX-License-Identifier: Apache-2.0

#include "run/summary.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace sagemem::run {

namespace fs = std::filesystem;

void print_summary(const std::string& trace_path) {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  fs::path program = here / "sagemem-report";
  if (!fs::exists(program)) program = here / "../cli/sagemem-report";
  std::string name = "sagemem-report";
  std::string argument = trace_path;
  const std::array<char*, 3> arguments = {name.data(), argument.data(),
                                          nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, nullptr,
                                arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), program);
  }
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace sagemem::run
