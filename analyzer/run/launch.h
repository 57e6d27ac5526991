// SPDX-License-Identifier: Apache-2.0
//
// Runs the program as a child and stands in for it towards the parent: the
// same signals, the same stops, the same end.
//
// The child stays in our process group, so that the terminal, the shell's job
// control and `kill -- -GROUP` reach it without us.  We block what concerns
// us and take it with sigwaitinfo(2), which also tells who sent it:
//
//   from the terminal or the kernel   the child has it as well: nothing to do
//   from a process, to us alone       passed on
//   child stopped                     we stop; continued: the child continues
//   child ended                       said in Outcome
//
// Hazard: a signal that a process sends to the whole group looks like one to
// us alone and reaches the child twice; the kernel merges the two while the
// first is pending.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace sagemem::run {

// How the child ended.
struct Outcome {
  pid_t pid = 0;
  bool signaled = false;
  int status = 0;  // exit code, or the signal
};

struct Command {
  std::string path;
  std::vector<std::string> arguments;    // the name first
  std::vector<std::string> environment;  // NAME=VALUE
};

// Runs the command until it ends.  Throws std::system_error when it cannot be
// executed.
[[nodiscard]] Outcome run_program(const Command& command);

// Ends this process by that signal, without a core file of its own.
[[noreturn]] void die_by(int signal_number);

}  // namespace sagemem::run
