// SPDX-License-Identifier: Apache-2.0
#include "session/packer_start.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cstring>

#include "build_config.h"
#include "capture/loaded_object.h"
#include "platform/errno_keeper.h"
#include "platform/file.h"
#include "platform/pages.h"

namespace sagemem {

namespace {

constexpr std::size_t kStackBytes = 16 * 1024;
constexpr std::size_t kSignalSetBytes = 8;  // of the kernel's sigset_t
constexpr int kLastSignal = 64;
constexpr unsigned kDescriptors = 65536;

// What the new processes are given, in memory that they share with us.
struct Launch {
  const char* program;
  const char* arguments[4];
  const char* environment[1];
  char* worker_stack;  // its upper end
  long error;          // of what failed; shared memory: read after vfork
};

// rt_sigaction(2) with the kernel's structure: all zeros are SIG_DFL.
void reset_signals() noexcept {
  const unsigned char action[32] = {};
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    system_call(SYS_rt_sigaction, signal, action, nullptr, kSignalSetBytes);
  }
  const std::uint64_t none = 0;
  system_call(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetBytes);
}

// The target's pipes and files must end when the target ends.
void leave_descriptors() noexcept {
  const long null = open_file("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; ++fd) {
    if (is_error(null)) {
      close_file(fd);
    } else if (null != fd) {
      system_call(SYS_dup3, null, fd, 0);
    } else {
      system_call(SYS_fcntl, fd, F_SETFD, 0);
    }
  }
#ifdef SYS_close_range
  if (system_call(SYS_close_range, 3u, ~0u, 0u) == 0) return;
#endif
  // Linux before 5.9.
  for (unsigned fd = 3; fd < kDescriptors; ++fd) close_file(fd);
}

int run_worker(void* argument) noexcept {
  auto* launch = static_cast<Launch*>(argument);
  system_call(SYS_setsid);
  reset_signals();
  leave_descriptors();
  launch->error = system_call(SYS_execve, launch->program, launch->arguments,
                              launch->environment);
  system_call(SYS_exit_group, 127);
  return 127;
}

constexpr int kLikeVfork = CLONE_VM | CLONE_VFORK;

int run_helper(void* argument) noexcept {
  auto* launch = static_cast<Launch*>(argument);
  const int worker =
      clone(&run_worker, launch->worker_stack, kLikeVfork, argument);
  if (worker < 0) launch->error = -1;
  system_call(SYS_exit_group, 0);
  return 0;
}

// Both processes have run, and failed or become another program, when clone()
// returns.
bool run(Launch& launch, char* helper_stack) noexcept {
  std::uint64_t before = 0;
  const std::uint64_t all = ~std::uint64_t{0};
  // No handler of the target may run in a process that shares its memory.
  system_call(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, kSignalSetBytes);
  const int helper = clone(&run_helper, helper_stack, kLikeVfork, &launch);
  if (helper > 0) {
    // It is dead already.  ECHILD: somebody else has waited with __WALL.
    system_call(SYS_wait4, helper, nullptr, __WCLONE, nullptr);
  }
  system_call(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr,
              kSignalSetBytes);
  return helper > 0 && launch.error == 0;
}

bool adopts_orphans(std::int32_t pid) noexcept {
  int is_subreaper = 0;
  system_call(SYS_prctl, PR_GET_CHILD_SUBREAPER, &is_subreaper, 0, 0, 0);
  return pid == 1 || is_subreaper != 0;
}

// Up to and with the last slash; nothing when there is none.
std::size_t directory_length(const char* path) noexcept {
  const char* slash = std::strrchr(path, '/');
  return slash == nullptr ? 0 : static_cast<std::size_t>(slash - path) + 1;
}

void add_directory(PathText& out) noexcept {
  char directory[PATH_MAX];
  const long length = system_call(SYS_getcwd, directory, sizeof directory);
  if (!is_error(length)) out.add(directory).add('/');
}

// Where it is installed, seen from this library.
void find_program(PathText& out) noexcept {
  static LoadedObject own;  // large; one thread is here
  if (kPackerPath[0] == '/') {
    out.add(kPackerPath);
    return;
  }
  if (!find_loaded_object(reinterpret_cast<std::uint64_t>(&adopts_orphans),
                          own)) {
    return;
  }
  if (own.path[0] != '/') add_directory(out);
  out.add(own.path, directory_length(own.path)).add(kPackerPath);
}

}  // namespace

void PackerStart::prepare(const Options& options, bool spooled) noexcept {
  // A spool is moved when the program ends, and stays short by that.
  if (options.pack_at == kPackNever || spooled) return;
  start_at_ = options.pack_at;
  if (options.packer == nullptr) {
    find_program(program_);
    return;
  }
  if (options.packer[0] != '/') add_directory(program_);
  program_.add(options.packer);
}

bool PackerStart::start(const char* trace, std::int32_t pid) noexcept {
  ErrnoKeeper keeper;  // clone() of glibc sets it
  if (program_.size() == 0 || program_.truncated() || adopts_orphans(pid)) {
    return false;
  }
  TextBuffer<16> number;
  number.add_number(pid);
  Launch launch{program_.c_str(),
                {program_.c_str(), trace, number.c_str(), nullptr},
                {nullptr},
                nullptr,
                0};
  void* const pages = take_pages(2 * kStackBytes);
  if (pages == nullptr) return false;
  char* const stacks = static_cast<char*>(pages);
  launch.worker_stack = stacks + kStackBytes;
  const bool started = run(launch, stacks + 2 * kStackBytes);
  give_pages(pages, 2 * kStackBytes);
  return started;
}

}  // namespace sagemem
