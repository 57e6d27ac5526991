// SPDX-License-Identifier: Apache-2.0
//
// Runs a command and says what it cost, all that it started included.
//
//   meter RESULT.json COMMAND [ARGUMENT...]
//
// A profiler's helper processes may detach themselves; as a child subreaper
// (prctl(2)) this process inherits and waits for them all, so that no CPU time
// escapes.  wall_s ends with the command, all_wall_s with the last helper.
// The exit code is the command's, or 128 and the signal's number.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace {

struct Result {
  double wall = 0;
  double all_wall = 0;
  double cpu = 0;
  double all_cpu = 0;
  long peak_kib = 0;
  int code = 0;
};

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_usec) * 1e-6;
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The command's own figures include the children that it waited for: a
// compiler driver counts as what it runs.
Result wait_for_all(pid_t command, double start) {
  Result result;
  for (;;) {
    int status = 0;
    rusage usage{};
    const pid_t pid = wait4(-1, &status, 0, &usage);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) break;
    const double cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    result.all_cpu += cpu;
    if (pid != command) continue;
    result.wall = now() - start;
    result.cpu = cpu;
    result.peak_kib = usage.ru_maxrss;
    result.code = exit_code(status);
  }
  result.all_wall = now() - start;
  return result;
}

bool write_result(const char* path, const Result& result) {
  std::FILE* file = std::fopen(path, "we");
  if (file == nullptr) return false;
  std::fprintf(file,
               "{\"wall_s\": %.6f, \"all_wall_s\": %.6f, \"cpu_s\": %.6f, "
               "\"all_cpu_s\": %.6f, \"peak_kib\": %ld, \"code\": %d}\n",
               result.wall, result.all_wall, result.cpu, result.all_cpu,
               result.peak_kib, result.code);
  return std::fclose(file) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: meter RESULT.json COMMAND [ARGUMENT...]\n", stderr);
    return 2;
  }
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    std::perror("meter: prctl");
    return 2;
  }
  const double start = now();
  const pid_t command = fork();
  if (command == 0) {
    execvp(argv[2], argv + 2);
    std::perror("meter: exec");
    _exit(127);
  }
  if (command < 0) {
    std::perror("meter: fork");
    return 2;
  }
  const Result result = wait_for_all(command, start);
  if (!write_result(argv[1], result)) {
    std::perror("meter: result");
    return 2;
  }
  return result.code;
}
