// SPDX-License-Identifier: Apache-2.0
//
// sagemem-pack TRACE PID: packs a trace behind the program that is being
// recorded, and what is left of it when the program has ended.  Started by the
// recorder (preload/session/packer_start.h), in a session of its own, without
// descriptors or an environment; of no use by hand.
//
// It says nothing to anybody: whatever fails, it leaves, and the trace is read
// as it is then.
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string_view>

#include "packer/live_packer.h"

namespace {

// Of ioprio_set(2), for which glibc has no header.
constexpr int kOfProcess = 1;
constexpr int kIdleClass = 3 << 13;

// Takes only what nobody else wants, and goes first when memory is short.
void step_back() {
  const sched_param none{};
  sched_setscheduler(0, SCHED_IDLE, &none);
  setpriority(PRIO_PROCESS, 0, 19);
  syscall(SYS_ioprio_set, kOfProcess, 0, kIdleClass);
  std::ofstream("/proc/self/oom_score_adj") << 1000;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  const std::string_view text = argv[2];
  int pid = 0;
  const auto parsed =
      std::from_chars(text.data(), text.data() + text.size(), pid);
  if (parsed.ec != std::errc() || pid <= 0) return EXIT_FAILURE;
  // The program's working directory may be on a mount that goes away with it.
  if (argv[1][0] != '/' || chdir("/") != 0) return EXIT_FAILURE;
  step_back();
  try {
    sagemem::packer::LivePacker packer(argv[1], pid);
    packer.run();
  } catch (const std::exception&) {
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
