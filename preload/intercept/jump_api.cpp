// SPDX-License-Identifier: Apache-2.0
//
// longjmp leaves probed functions without a return.  The recorder is told
// before the jump and finds out at the thread's next event what was left.
//
// Standing in front of it is harmless: the jump restores the registers of
// setjmp, whatever lies between.  setjmp itself, which returns twice, is not
// ours.  <setjmp.h> is not included: it declares these with types and
// attributes that differ between the C libraries' versions.
#include "intercept/hooks.h"
#include "scope/trap_signal.h"

using sagemem::ErrnoKeeper;
using sagemem::g_real;
using sagemem::g_recorder;

namespace {

void prepare() noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  ErrnoKeeper keeper;
  g_recorder.on_jump();
  sagemem::g_trap_signal.on_jump();
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the C library's names.

SAGEMEM_EXPORT void longjmp(void* environment, int value) {
  prepare();
  g_real.longjmp(environment, value);
  __builtin_unreachable();
}

SAGEMEM_EXPORT void _longjmp(void* environment, int value) {
  prepare();
  g_real._longjmp(environment, value);
  __builtin_unreachable();
}

SAGEMEM_EXPORT void siglongjmp(void* environment, int value) {
  prepare();
  g_real.siglongjmp(environment, value);
  __builtin_unreachable();
}

SAGEMEM_EXPORT void __longjmp_chk(void* environment, int value) {
  prepare();
  g_real.__longjmp_chk(environment, value);
  __builtin_unreachable();
}

// NOLINTEND(readability-identifier-naming)
