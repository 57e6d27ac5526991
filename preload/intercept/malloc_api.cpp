// SPDX-License-Identifier: Apache-2.0
//
// The exported C allocation functions.
#include <cstdlib>

#include "intercept/hooks.h"

using sagemem::g_real;
using sagemem::trace::Api;

namespace {

// The size asked for, saturated: no allocator has that much, so an overflow
// fails with ENOMEM as it should.
std::size_t product(std::size_t count, std::size_t size) noexcept {
  std::size_t bytes = 0;
  return __builtin_mul_overflow(count, size, &bytes) ? SIZE_MAX : bytes;
}

}  // namespace

SAGEMEM_EXPORT void* malloc(std::size_t size) noexcept {
  return sagemem::allocate(Api::Malloc, size, 0, SAGEMEM_CALL_POINT,
                           [=] { return g_real.malloc(size); });
}

SAGEMEM_EXPORT void* calloc(std::size_t count, std::size_t size) noexcept {
  return sagemem::allocate(Api::Calloc, product(count, size), 0,
                           SAGEMEM_CALL_POINT,
                           [=] { return g_real.calloc(count, size); });
}

SAGEMEM_EXPORT void* realloc(void* block, std::size_t size) noexcept {
  return sagemem::reallocate(Api::Realloc, block, size, SAGEMEM_CALL_POINT());
}

SAGEMEM_EXPORT void* reallocarray(void* block, std::size_t count,
                                  std::size_t size) noexcept {
  return sagemem::reallocate(Api::ReallocArray, block, product(count, size),
                             SAGEMEM_CALL_POINT());
}

SAGEMEM_EXPORT void free(void* block) noexcept {
  sagemem::release(Api::Free, block, SAGEMEM_CALL_POINT,
                   [=] { g_real.free(block); });
}

// C23 7.24.3.4 and .5: the size is a promise that we pass on if the next
// allocator takes it.
SAGEMEM_EXPORT void free_sized(void* block, std::size_t size) noexcept {
  sagemem::release(Api::FreeSized, block, SAGEMEM_CALL_POINT, [=] {
    g_real.free_sized != nullptr ? g_real.free_sized(block, size)
                                 : g_real.free(block);
  });
}

SAGEMEM_EXPORT void free_aligned_sized(void* block, std::size_t alignment,
                                       std::size_t size) noexcept {
  sagemem::release(Api::FreeAlignedSized, block, SAGEMEM_CALL_POINT, [=] {
    g_real.free_aligned_sized != nullptr
        ? g_real.free_aligned_sized(block, alignment, size)
        : g_real.free(block);
  });
}

SAGEMEM_EXPORT int posix_memalign(void** out, std::size_t alignment,
                                  std::size_t size) noexcept {
  int result = 0;
  void* block = sagemem::allocate(
      Api::PosixMemalign, size, alignment, SAGEMEM_CALL_POINT, [&]() -> void* {
        void* made = nullptr;
        result = g_real.posix_memalign(&made, alignment, size);
        return result == 0 ? made : nullptr;
      });
  if (result == 0) *out = block;
  return result;
}

SAGEMEM_EXPORT void* aligned_alloc(std::size_t alignment,
                                   std::size_t size) noexcept {
  return sagemem::allocate(
      Api::AlignedAlloc, size, alignment, SAGEMEM_CALL_POINT,
      [=] { return g_real.aligned_alloc(alignment, size); });
}

SAGEMEM_EXPORT void* memalign(std::size_t alignment,
                              std::size_t size) noexcept {
  return sagemem::allocate(Api::Memalign, size, alignment, SAGEMEM_CALL_POINT,
                           [=] { return g_real.memalign(alignment, size); });
}

SAGEMEM_EXPORT void* valloc(std::size_t size) noexcept {
  return sagemem::allocate(Api::Valloc, size, 0, SAGEMEM_CALL_POINT,
                           [=] { return g_real.valloc(size); });
}

SAGEMEM_EXPORT void* pvalloc(std::size_t size) noexcept {
  return sagemem::allocate(Api::Pvalloc, size, 0, SAGEMEM_CALL_POINT,
                           [=] { return g_real.pvalloc(size); });
}
