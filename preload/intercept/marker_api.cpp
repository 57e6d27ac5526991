// SPDX-License-Identifier: Apache-2.0
//
// What include/sagemem.h calls, when the program runs under the recorder.
#include "intercept/hooks.h"

using sagemem::ErrnoKeeper;
using sagemem::g_recorder;

namespace {

// The first event of the process may be one of these.
void prepare() noexcept {
  if (sagemem::g_real.malloc == nullptr) sagemem::resolve_real_functions();
}

}  // namespace

SAGEMEM_EXPORT void sagemem_scope_begin(const char* name,
                                        std::int64_t number) noexcept {
  prepare();
  ErrnoKeeper keeper;
  g_recorder.on_marker_begin(name, number);
}

SAGEMEM_EXPORT void sagemem_scope_end() noexcept {
  prepare();
  ErrnoKeeper keeper;
  g_recorder.on_marker_end();
}

SAGEMEM_EXPORT void sagemem_note(const char* key, std::int64_t value) noexcept {
  prepare();
  ErrnoKeeper keeper;
  g_recorder.on_marker_note(key, value);
}

SAGEMEM_EXPORT void sagemem_snapshot(const char* label) noexcept {
  prepare();
  ErrnoKeeper keeper;
  g_recorder.on_snapshot(label);
}
