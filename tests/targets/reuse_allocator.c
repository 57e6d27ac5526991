// SPDX-License-Identifier: Apache-2.0
//
// An allocator that makes one race likely: realloc always moves the block, and
// lets other threads run between giving up the old address and returning.  Its
// free slots are a stack that all threads share, so that whoever allocates next
// gets that address.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "support.h"

enum { kSlotBytes = 8192, kSlots = 16384 };

static _Alignas(16) unsigned char g_slots[kSlots][kSlotBytes];
static void* g_free[kSlots];
static size_t g_free_count;
static size_t g_used;  // slots that were handed out at least once
static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;

static void* take_slot(size_t bytes) {
  void* slot = NULL;
  pthread_mutex_lock(&g_lock);
  if (bytes > kSlotBytes) {
    errno = ENOMEM;
  } else if (g_free_count > 0) {
    slot = g_free[--g_free_count];
  } else if (g_used < kSlots) {
    slot = g_slots[g_used++];
  }
  pthread_mutex_unlock(&g_lock);
  return slot;
}

static void give_slot(void* slot) {
  if (slot == NULL) return;
  pthread_mutex_lock(&g_lock);
  g_free[g_free_count++] = slot;
  pthread_mutex_unlock(&g_lock);
}

void* malloc(size_t bytes) {
  return take_slot(bytes);
}

void free(void* block) {
  give_slot(block);
}

void* calloc(size_t count, size_t size) {
  void* slot = take_slot(count * size);
  return slot == NULL ? NULL : memset(slot, 0, kSlotBytes);
}

void* realloc(void* block, size_t bytes) {
  void* moved = take_slot(bytes);
  if (moved == NULL || block == NULL) return moved;
  memcpy(moved, block, 64);  // what the targets look at is less
  give_slot(block);
  sched_yield();
  return moved;
}
