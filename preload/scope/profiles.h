// SPDX-License-Identifier: Apache-2.0
//
// The rules that come with us, from include/sagemem/profiles.
#pragma once

namespace sagemem {

struct Profile {
  const char* name;
  const char* requires_all;  // symbols with blanks between them
  const char* rules;         // as SAGEMEM_SCOPES would give them
};

}  // namespace sagemem
