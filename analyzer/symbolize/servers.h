// SPDX-License-Identifier: Apache-2.0
//
// The servers of DEBUGINFOD_URLS, which libdwfl asks for debug files that are
// on no disk; see debug_finder.h.
#pragma once

namespace sagemem::symbolize {

// Sets what the user has not set: how long they may take.
void limit_servers();

}  // namespace sagemem::symbolize
