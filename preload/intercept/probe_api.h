// SPDX-License-Identifier: Apache-2.0
//
// Probes and the recorder: finds the functions when the program starts, and
// tells the recorder of their calls.
#pragma once

#include "scope/probe_table.h"

namespace sagemem {

extern ProbeTable g_probes;

// In our constructor, once.
void set_up_probes() noexcept;
// Rules and probes that the trace does not have yet.
void announce_probes() noexcept;
// Libraries have come or gone: called in the loader's own thread.
extern void (*g_on_loader)() noexcept;

}  // namespace sagemem
