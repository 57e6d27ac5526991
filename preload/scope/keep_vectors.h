// SPDX-License-Identifier: Apache-2.0
//
// For code that runs at the entry of a function of the program, where the
// vector registers hold its arguments (and, with gcc's -fipa-ra, whatever its
// caller keeps there): such code is compiled without them
// (-mgeneral-regs-only), and calls all other code through keep_vectors().
//
// That costs some 100 ns and more, in virtual machines: for what is rare.
#pragma once

#include "scope/probe_frame.h"

namespace sagemem {

template <typename Work>
[[gnu::always_inline]] inline void keep_vectors(Work work) noexcept {
#if defined(__x86_64__)
  sagemem_keep_vectors([](void* context) { (*static_cast<Work*>(context))(); },
                       &work);
#else
  work();
#endif
}

}  // namespace sagemem
