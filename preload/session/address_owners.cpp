// SPDX-License-Identifier: Apache-2.0
#include "session/address_owners.h"

namespace sagemem {

constinit AddressOwners g_owners;

}  // namespace sagemem
