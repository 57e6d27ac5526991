// SPDX-License-Identifier: Apache-2.0
//
// Some seventy small programs in one: each case does one thing with memory that
// a leak check has to judge.  What is true of each stands in
// tests/stress/leak_table.py.
//
//   target_leak_cases NAME      runs one of them
//   target_leak_cases           lists the names
//
// Hazard: a stale pointer in a register or on the stack makes a block that is
// lost look held.  So cases run in a function that is not inlined, from a
// stack position that is overwritten afterwards, and blocks go through keep().
#pragma once

#include "support.h"

struct leak_case {
  const char* name;
  void (*run)();
  // Does not return: ends the process from within.
  bool is_last = false;
};

// Each ends with a case without a name.
extern const leak_case g_plain_cases[];
extern const leak_case g_ring_cases[];
extern const leak_case g_held_cases[];
extern const leak_case g_thread_cases[];
extern const leak_case g_container_cases[];

inline void* block(size_t bytes) {
  return keep(malloc(bytes));
}

// A list of `length` nodes, each allocated by itself; the last one leads to
// `tail`.
struct node {
  node* next;
  node* before;
};

NOINLINE inline node* make_list(int length, node* tail) {
  for (int i = 0; i < length; ++i) {
    auto* const made = static_cast<node*>(block(sizeof(node)));
    made->next = tail;
    made->before = nullptr;
    tail = made;
  }
  return tail;
}
