// SPDX-License-Identifier: Apache-2.0
//
// An unwinder for tests, whose stacks are all compared with libunwind's.
#pragma once

#include <cstdint>
#include <new>

#include "platform/pages.h"
#include "unwinder_hook.h"

namespace sagemem::test {

// An unwinder in zeroed pages, as a thread's is.
class Unwinding {
 public:
  Unwinding() {
    auto* pages = sagemem::take_pages(sizeof(VerifiedUnwinder));
    unwinder_ = new (pages) VerifiedUnwinder;
    modules_.prepare();
    modules_.set_listener(
        {nullptr,
         [](void*, std::uint32_t, const sagemem::LoadedObject&) noexcept {},
         [](void*, std::uint32_t) noexcept {}});
    modules_.announce_all();
  }
  ~Unwinding() {
    modules_.abandon();
    sagemem::give_pages(unwinder_, sizeof(VerifiedUnwinder));
  }
  Unwinding(const Unwinding&) = delete;
  Unwinding& operator=(const Unwinding&) = delete;

  __attribute__((noinline)) void capture() {
    note(capture_here(*unwinder_, modules_));
  }
  VerifiedUnwinder& unwinder() { return *unwinder_; }
  ModuleTable& modules() { return modules_; }
  void note(const Captured& captured) {
    ++captures;
    depth = captured.delta.depth;
    kept = captured.delta.kept;
    result = captured.result;
    if (!captured.as_libunwind) ++wrong;
    if (captured.quick_way == QuickWay::Walk) ++inner_walks;
    if (captured.quick_way == QuickWay::Path) ++known_paths;
    barrier();
  }
  static void barrier() { __asm__ volatile("" ::: "memory"); }

  int captures = 0;
  int wrong = 0;
  int inner_walks = 0;
  int known_paths = 0;
  std::uint32_t depth = 0;
  std::uint32_t kept = 0;
  CaptureResult result = CaptureResult::Verified;

 private:
  VerifiedUnwinder* unwinder_;
  ModuleTable modules_;
};

}  // namespace sagemem::test
