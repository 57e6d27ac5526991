// SPDX-License-Identifier: Apache-2.0
//
// Memory of our own, straight from the kernel: the target's heap is what we
// watch and may be broken or locked, so nothing of ours ever comes from it.
#pragma once

#include <sys/mman.h>

#include <cstddef>

#include "platform/system_call.h"

namespace sagemem {

// Zeroed pages, or nullptr.
inline void* take_pages(std::size_t bytes) noexcept {
  const long result =
      system_call(SYS_mmap, nullptr, bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return is_error(result) ? nullptr : reinterpret_cast<void*>(result);
}

inline void give_pages(void* pages, std::size_t bytes) noexcept {
  if (pages != nullptr) system_call(SYS_munmap, pages, bytes);
}

}  // namespace sagemem
