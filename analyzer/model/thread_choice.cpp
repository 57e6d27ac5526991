// SPDX-License-Identifier: Apache-2.0
#include "model/thread_choice.h"

#include <sched.h>

namespace sagemem::model {
namespace {

// A thread costs as much as some thousand events.
constexpr std::uint64_t kWorthAThread = 1 << 20;

// Of those that this process may use.
bool has_two_processors() {
  cpu_set_t allowed;
  // Fails on machines of more than 1024: these have two.
  return ::sched_getaffinity(0, sizeof allowed, &allowed) != 0 ||
         CPU_COUNT(&allowed) > 1;
}

}  // namespace

bool wants_thread(Threads threads, const decode::TraceFile& file) {
  if (threads != Threads::Auto) return threads == Threads::Two;
  return file.index().record_bytes >= kWorthAThread && has_two_processors();
}

}  // namespace sagemem::model
