// SPDX-License-Identifier: Apache-2.0
//
// Where figure_table.cpp hands its entries over.
#pragma once

#include <span>

#include "gate/figures.h"

namespace sagemem::gate {

[[nodiscard]] std::span<const Figure> figure_table();

}  // namespace sagemem::gate
