// SPDX-License-Identifier: Apache-2.0
//
// Random damage to a file image, the kinds that find the most: single bits,
// values at the edges of integer types, bytes moved from elsewhere.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "random_program.h"

namespace sagemem::test {

// Damages up to `most` places of the image.
inline void mutate(std::span<std::uint8_t> image, Random& random,
                   std::uint64_t most) {
  if (image.empty()) return;
  constexpr std::array<std::uint8_t, 9> edges{0x00, 0x01, 0x0f, 0x10, 0x7f,
                                              0x80, 0x81, 0xfe, 0xff};
  const auto place = [&] {
    return static_cast<std::size_t>(random.below(image.size()));
  };
  for (std::uint64_t count = 1 + random.below(most); count > 0; --count) {
    const std::size_t at = place();
    const std::size_t length =
        std::min<std::size_t>(1 + random.below(16), image.size() - at);
    switch (random.below(5)) {
      case 0:
        image[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
        break;
      case 1:
        image[at] = edges[random.below(edges.size())];
        break;
      case 2:
        image[at] = static_cast<std::uint8_t>(random.next());
        break;
      case 3:
        std::fill_n(image.data() + at, length,
                    edges[random.below(edges.size())]);
        break;
      default: {
        const std::size_t from = place();
        const std::size_t there = std::min(length, image.size() - from);
        std::copy_n(image.data() + from, there, image.data() + at);
        break;
      }
    }
  }
}

}  // namespace sagemem::test
