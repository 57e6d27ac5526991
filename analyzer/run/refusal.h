// SPDX-License-Identifier: Apache-2.0
//
// Why a program is not run: the sentence for the user and the exit code.
#pragma once

#include <string>

#include "run/exit_codes.h"

namespace sagemem::run {

struct Refusal {
  int exit_code = kExitFailed;
  std::string reason;  // after "sagemem-run: PROGRAM: "
};

}  // namespace sagemem::run
