// SPDX-License-Identifier: Apache-2.0
//
// SAGEMEM_FOLLOW=0: programs that this one starts are not profiled.  The only
// handle on all ways of starting one (exec, posix_spawn, system, popen) is the
// environment that they inherit.
#pragma once

namespace sagemem {

// Takes libsagemem out of LD_PRELOAD in the environment block, in place: the
// text only gets shorter, so nothing has to be allocated.
void remove_from_preload(const char* const* environment) noexcept;

}  // namespace sagemem
