// SPDX-License-Identifier: Apache-2.0

#include "run/launch.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <vector>

#include "run/file_descriptor.h"

namespace sagemem::run {

namespace {

constexpr int kForwarded[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGUSR1,
                              SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU};

// Blocks the signals that concern us for its lifetime; `original` is what the
// child gets back.
class SignalWatch {
 public:
  SignalWatch() {
    sigemptyset(&watched_);
    for (const int number : kForwarded) sigaddset(&watched_, number);
    sigaddset(&watched_, SIGCONT);
    sigaddset(&watched_, SIGCHLD);
    sigprocmask(SIG_BLOCK, &watched_, &original_mask_);
    // A parent that ignores SIGCHLD passes that on to us: children would
    // vanish unseen (POSIX, wait()).
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &standard, &original_child_action_);
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch() {
    // What the terminal sent to the group was the child's; what it left
    // pending here must not end us before the report.
    const timespec no_wait{};
    while (sigtimedwait(&watched_, nullptr, &no_wait) > 0) {
    }
    restore();
  }

  void restore() const noexcept {
    sigaction(SIGCHLD, &original_child_action_, nullptr);
    sigprocmask(SIG_SETMASK, &original_mask_, nullptr);
  }
  [[nodiscard]] siginfo_t next() const {
    siginfo_t info{};
    while (sigwaitinfo(&watched_, &info) < 0) {
      // EINTR: stopped and continued, or a debugger; nothing was taken.
      if (errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "sigwaitinfo");
      }
    }
    return info;
  }

 private:
  sigset_t watched_{};
  sigset_t original_mask_{};
  struct sigaction original_child_action_ {};
};

bool has_terminal() {
  return FileDescriptor(open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY))
      .valid();
}

// Stop when the child stopped, so that the shell sees the job stop.  A plain
// SIGSTOP is followed only where there is a terminal, and so a shell that can
// continue us: whoever stopped the child alone will continue it alone.
void follow_stop(int signal_number) {
  if (signal_number != SIGSTOP || has_terminal()) raise(SIGSTOP);
}

// The child's state as waitpid tells it, and what we do about it.
class StandIn {
 public:
  StandIn(pid_t child, const SignalWatch& watch)
      : child_(child), watch_(watch) {}

  Outcome until_end() {
    while (true) {
      const siginfo_t info = watch_.next();
      if (const auto outcome = take_news()) return *outcome;
      pass_on(info);
    }
  }

 private:
  std::optional<Outcome> take_news() {
    int status = 0;
    const int options = WNOHANG | WUNTRACED | WCONTINUED;
    while (waitpid(child_, &status, options) == child_) {
      if (WIFEXITED(status)) {
        return Outcome{child_, false, WEXITSTATUS(status)};
      }
      if (WIFSIGNALED(status)) return Outcome{child_, true, WTERMSIG(status)};
      stopped_ = WIFSTOPPED(status);
      if (stopped_) follow_stop(WSTOPSIG(status));
    }
    return std::nullopt;
  }

  void pass_on(const siginfo_t& info) const {
    if (info.si_signo == SIGCHLD) return;
    if (info.si_signo == SIGCONT) {
      // The shell continues the whole group; a child that is still stopped was
      // left out.  To a running one it would be a spurious signal.
      if (stopped_) kill(child_, SIGCONT);
      return;
    }
    // Positive: from the terminal or the kernel, which address the group.
    const bool from_process = info.si_code <= 0;
    if (from_process && info.si_pid != child_) kill(child_, info.si_signo);
  }

  pid_t child_;
  const SignalWatch& watch_;
  bool stopped_ = false;
};

// Null-terminated, as execve(2) wants it: char* for historical reasons, it
// writes through none.
std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (const auto& word : words) {
    result.push_back(const_cast<char*>(word.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

// In the child, between fork and exec.
[[noreturn]] void become(const Command& command, int error_fd) {
  const auto environment = pointers(command.environment);
  execve(command.path.c_str(), pointers(command.arguments).data(),
         environment.data());
  if (errno == ENOEXEC) {
    // No #! line: the shell's, as execvp(3) does it.
    std::vector<std::string> shell = {"sh", command.path};
    shell.insert(shell.end(), command.arguments.begin() + 1,
                 command.arguments.end());
    execve("/bin/sh", pointers(shell).data(), environment.data());
  }
  const int error = errno;
  // Nobody reads when the parent was killed; the exit code is lost as well.
  const ssize_t sent = write(error_fd, &error, sizeof error);
  _exit(sent == sizeof error ? 0 : 1);
}

}  // namespace

Outcome run_program(const Command& command) {
  const SignalWatch watch;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  const FileDescriptor error_reader(ends[0]);
  FileDescriptor error_writer(ends[1]);
  const pid_t child = fork();
  if (child < 0) {
    throw std::system_error(errno, std::generic_category(), "fork");
  }
  if (child == 0) {
    watch.restore();
    become(command, error_writer.get());
  }
  error_writer.reset();
  // Blocks until exec closed the other end, or the child said why it failed.
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(error_reader.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof error) {
    waitpid(child, nullptr, 0);
    throw std::system_error(error, std::generic_category(), command.path);
  }
  return StandIn(child, watch).until_end();
}

void die_by(int signal_number) {
  // RLIMIT_CORE does not hold where core_pattern is a pipe; a process that is
  // not dumpable leaves no core either way (core(5)).
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(signal_number, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal_number);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
  raise(signal_number);
  // The default action of the signal was not to end the process.
  std::_Exit(128 + signal_number);
}

}  // namespace sagemem::run
