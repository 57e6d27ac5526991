// SPDX-License-Identifier: Apache-2.0
//
// A program that says that it ran; how it is linked is what sagemem-run looks
// at.  With OWN_MALLOC it brings an allocator of its own.
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef OWN_MALLOC
static _Alignas(16) char g_arena[1 << 16];
static size_t g_used;

void* malloc(size_t size) {
  void* block = g_arena + g_used;
  g_used += (size + 15) / 16 * 16;
  return g_used <= sizeof g_arena ? block : NULL;
}

void free(void* block) {
  (void)block;
}
#endif

int main(void) {
  char* text = malloc(8);
  if (text == NULL) return 1;
  snprintf(text, 8, "ran");
  puts(text);
  free(text);
  return 3;
}
