// SPDX-License-Identifier: Apache-2.0
//
// An allocator of a program's own, as a library: it hands out a large array
// from front to back with one atomic addition, and takes nothing back.  Unlike
// glibc's it may be called from a signal handler at any moment.
//
// With SHARED_ARENA the array is memory that other processes could share.
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "support.h"

enum { kAlignment = 16, kHeader = 16, kArenaBytes = 512 << 20 };

static _Atomic size_t g_used;

#ifdef SHARED_ARENA
static unsigned char* arena(void) {
  static unsigned char* _Atomic pages;
  if (pages != NULL) return pages;
  const int fd = memfd_create("arena", MFD_CLOEXEC);
  REQUIRE(fd >= 0 && ftruncate(fd, kArenaBytes) == 0);
  void* const made =
      mmap(NULL, kArenaBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  REQUIRE(made != MAP_FAILED && close(fd) == 0);
  // Before there is a second thread: one has to allocate to make it.
  return pages = made;
}
#else
static unsigned char* arena(void) {
  static _Alignas(16) unsigned char bytes[kArenaBytes];
  return bytes;
}
#endif

static size_t* header_of(void* block) {
  return (size_t*)(void*)((unsigned char*)block - kHeader);
}

// Under a name of its own: a call of malloc from here would be one more call
// that a recorder in front of us sees.
static void* take_from_arena(size_t bytes) {
  if (bytes > kArenaBytes / 2) {
    errno = ENOMEM;
    return NULL;
  }
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const size_t start = atomic_fetch_add(&g_used, rounded + kHeader);
  if (start > kArenaBytes - rounded - kHeader) _exit(96);
  void* block = arena() + start + kHeader;
  *header_of(block) = bytes;
  return block;
}

void* malloc(size_t bytes) {
  return take_from_arena(bytes);
}

void free(void* block) {
  (void)block;
}

void* calloc(size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return take_from_arena(bytes);  // never reused: zero already
}

void* realloc(void* block, size_t bytes) {
  void* larger = take_from_arena(bytes);
  if (larger == NULL || block == NULL) return larger;
  const size_t old = *header_of(block);
  memcpy(larger, block, old < bytes ? old : bytes);
  return larger;
}
