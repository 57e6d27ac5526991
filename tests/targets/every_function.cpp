// SPDX-License-Identifier: Apache-2.0
//
// Calls every function that takes or gives back memory, the n-th of them with
// n * 1000 bytes, and prints what the trace must say about each:
//
//   expect malloc 1000 free
//
// With any argument pvalloc is left out.  The functions that the C library may
// lack (free_sized is C23) are weak.
#include <malloc.h>

#include <cstddef>
#include <new>

#include "support.h"

extern "C" {
[[gnu::weak]] void free_sized(void* block, std::size_t bytes) noexcept;
[[gnu::weak]] void free_aligned_sized(void* block, std::size_t alignment,
                                      std::size_t bytes) noexcept;
}

namespace {

tally g_tally{};
std::size_t g_number = 0;

std::size_t announce(const char* taker, const char* releaser) {
  const std::size_t bytes = ++g_number * 1000;
  say("expect %s %zu %s\n", taker, bytes, releaser);
  ++g_tally.allocations;
  ++g_tally.releases;
  g_tally.bytes += bytes;
  return bytes;
}

void use_malloc_family() {
  free(keep(malloc(announce("malloc", "free"))));
  free(keep(calloc(1, announce("calloc", "free"))));
  free(keep(realloc(keep(nullptr), announce("realloc", "free"))));
  free(keep(reallocarray(keep(nullptr), 1, announce("reallocarray", "free"))));
  void* block = nullptr;
  REQUIRE(posix_memalign(&block, 64, announce("posix_memalign", "free")) == 0);
  free(keep(block));
  free(keep(aligned_alloc(64, announce("aligned_alloc", "free"))));
  free(keep(memalign(64, announce("memalign", "free"))));
  free(keep(valloc(announce("valloc", "free"))));
}

// Not every allocator has it; freeing one's block with another ends badly.
void use_pvalloc() {
  free(keep(pvalloc(announce("pvalloc", "free"))));
}

void use_c23() {
  if (free_sized == nullptr || free_aligned_sized == nullptr) return;
  std::size_t bytes = announce("malloc", "free_sized");
  free_sized(keep(malloc(bytes)), bytes);
  bytes = announce("aligned_alloc", "free_aligned_sized");
  free_aligned_sized(keep(aligned_alloc(64, bytes)), 64, bytes);
}

constexpr std::align_val_t kAlignment{64};

void use_plain_new() {
  const char* taker = "new";
  const char* releaser = "delete";
  std::size_t bytes = announce(taker, releaser);
  ::operator delete(keep(::operator new(bytes)));
  bytes = announce(taker, releaser);
  ::operator delete(keep(::operator new(bytes)), bytes);
  bytes = announce(taker, releaser);
  ::operator delete(keep(::operator new(bytes, std::nothrow)), std::nothrow);
  bytes = announce(taker, releaser);
  ::operator delete(keep(::operator new(bytes, kAlignment)), kAlignment);
  bytes = announce(taker, releaser);
  ::operator delete(keep(::operator new(bytes, kAlignment)), bytes, kAlignment);
  bytes = announce(taker, releaser);
  ::operator delete(keep(::operator new(bytes, kAlignment, std::nothrow)),
                    kAlignment, std::nothrow);
}

void use_array_new() {
  const char* taker = "new[]";
  const char* releaser = "delete[]";
  std::size_t bytes = announce(taker, releaser);
  ::operator delete[](keep(::operator new[](bytes)));
  bytes = announce(taker, releaser);
  ::operator delete[](keep(::operator new[](bytes)), bytes);
  bytes = announce(taker, releaser);
  ::operator delete[](keep(::operator new[](bytes, std::nothrow)),
                      std::nothrow);
  bytes = announce(taker, releaser);
  ::operator delete[](keep(::operator new[](bytes, kAlignment)), kAlignment);
  bytes = announce(taker, releaser);
  ::operator delete[](keep(::operator new[](bytes, kAlignment)), bytes,
                      kAlignment);
  bytes = announce(taker, releaser);
  ::operator delete[](keep(::operator new[](bytes, kAlignment, std::nothrow)),
                      kAlignment, std::nothrow);
}

}  // namespace

int main(int argc, char**) {
  use_malloc_family();
  if (argc == 1) use_pvalloc();
  use_c23();
  use_plain_new();
  use_array_new();
  claim(&g_tally);
  return 0;
}
