// SPDX-License-Identifier: Apache-2.0
//
// Blocks that lost blocks point to.  See leak_cases.h.
#include "leak_cases.h"

namespace {

NOINLINE void list() {
  make_list(10, nullptr);
}

NOINLINE node* make_tree(int depth) {
  auto* const made = static_cast<node*>(block(sizeof(node)));
  made->next = depth > 0 ? make_tree(depth - 1) : nullptr;
  made->before = depth > 0 ? make_tree(depth - 1) : nullptr;
  return made;
}

NOINLINE void tree() {
  make_tree(3);
}

NOINLINE void itself() {
  node* const one = make_list(1, nullptr);
  one->next = one;
}

// The list's last node leads to its first one.
NOINLINE node* make_ring(int length) {
  node* const first = make_list(1, nullptr);
  node* const list = make_list(length - 1, first);
  first->next = list;
  return first;
}

NOINLINE void ring_of_two() {
  make_ring(2);
}

NOINLINE void ring_of_ten() {
  make_ring(10);
}

NOINLINE void ring_with_tail() {
  make_ring(3)->before = make_list(2, nullptr);
}

NOINLINE void ring_with_head() {
  make_list(1, make_ring(3));
}

NOINLINE void two_rings() {
  node* const second = make_ring(2);
  make_ring(2)->before = second;
}

NOINLINE void both_ways() {
  node* const first = make_list(10, nullptr);
  for (node* at = first; at->next != nullptr; at = at->next) {
    at->next->before = at;
  }
}

NOINLINE void two_heads() {
  node* const shared = make_list(1, nullptr);
  make_list(1, shared);
  make_list(1, shared);
}

NOINLINE void diamond() {
  node* const bottom = make_list(1, nullptr);
  node* const left = make_list(1, bottom);
  node* const top = make_list(1, left);
  top->before = make_list(1, bottom);
}

// Into the middle of the second one.
NOINLINE void interior() {
  char* const second = static_cast<char*>(block(200));
  node* const first = make_list(1, nullptr);
  first->next = reinterpret_cast<node*>(second + 96);
}

NOINLINE void array_of_blocks() {
  void** const array = static_cast<void**>(block(20 * sizeof(void*)));
  for (int i = 0; i < 20; ++i) array[i] = block(30);
}

NOINLINE void deep() {
  make_list(20000, nullptr);
}

}  // namespace

const leak_case g_ring_cases[] = {
    {"indirect_list", list},
    {"indirect_tree", tree},
    {"indirect_itself", itself},
    {"indirect_ring_of_two", ring_of_two},
    {"indirect_ring_of_ten", ring_of_ten},
    {"indirect_ring_with_tail", ring_with_tail},
    {"indirect_ring_with_head", ring_with_head},
    {"indirect_two_rings", two_rings},
    {"indirect_both_ways", both_ways},
    {"indirect_two_heads", two_heads},
    {"indirect_diamond", diamond},
    {"indirect_interior", interior},
    {"indirect_array", array_of_blocks},
    {"indirect_deep", deep},
    {nullptr, nullptr},
};
