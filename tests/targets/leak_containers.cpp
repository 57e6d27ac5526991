// SPDX-License-Identifier: Apache-2.0
//
// What C++ programs do.  See leak_cases.h.
#include <list>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "leak_cases.h"

namespace {

using Strings = std::vector<std::string>;
constexpr char kLong[] =
    "a text that is too long to stand in the string itself";

NOINLINE void vector_freed() {
  Strings strings;
  for (int i = 0; i < 100; ++i) strings.emplace_back(kLong);
  keep(&strings);
}

NOINLINE void map_freed() {
  std::map<int, std::string> map;
  for (int i = 0; i < 100; ++i) map[i] = kLong;
  keep(&map);
}

NOINLINE void shared_freed() {
  const auto one = std::make_shared<Strings>(10, kLong);
  auto other = one;
  keep(&other);
}

NOINLINE void exception_caught() {
  try {
    throw std::runtime_error(kLong);
  } catch (const std::exception& error) {
    keep(const_cast<char*>(error.what()));
  }
}

NOINLINE void plain_new() {
  keep(new int(3));
}

struct Guarded {
  ~Guarded() { keep(this); }
  int value = 0;
};

NOINLINE void array_new() {
  keep(new Guarded[10]);
}

NOINLINE void throw_past() {
  int* const made = new int(3);
  keep(made);
  throw std::runtime_error("");
}

NOINLINE void exception() {
  try {
    throw_past();
  } catch (const std::exception&) {
  }
}

NOINLINE void vector() {
  auto* const strings = new Strings;
  strings->reserve(10);
  for (int i = 0; i < 10; ++i) strings->emplace_back(kLong);
  keep(strings);
}

NOINLINE void map() {
  auto* const made = new std::map<int, std::string>;
  for (int i = 0; i < 10; ++i) (*made)[i] = kLong;
  keep(made);
}

NOINLINE void hash_map() {
  auto* const made = new std::unordered_map<int, std::string>;
  made->reserve(20);
  for (int i = 0; i < 10; ++i) (*made)[i] = kLong;
  keep(made);
}

struct Peer {
  std::shared_ptr<Peer> other;
};

NOINLINE void shared_ring() {
  const auto one = std::make_shared<Peer>();
  one->other = std::make_shared<Peer>();
  one->other->other = one;
}

Strings g_strings;
std::list<int> g_list;
void* g_slot;

NOINLINE void global_vector() {
  // Not destroyed: a copy of what it holds lives on in a global.
  auto* const strings = new Strings(10, kLong);
  g_slot = strings;
  keep(&g_slot);
}

NOINLINE void static_containers() {
  g_strings.assign(10, kLong);
  g_list.assign(10, 3);
}

struct First {
  virtual ~First() = default;
  long first = 1;
};
struct Second {
  virtual ~Second() = default;
  long second = 2;
};
struct Both : First, Second {
  long both = 3;
};

Second* g_second;
Guarded* g_array;
std::string* g_string;

NOINLINE void second_base() {
  g_second = new Both;
  keep(&g_second);
}

NOINLINE void counted_array() {
  g_array = new Guarded[10];
  keep(&g_array);
}

NOINLINE void string() {
  g_string = new std::string(kLong);
  keep(&g_string);
}

NOINLINE void singleton() {
  static auto* const strings = new Strings(10, kLong);
  keep(strings);
}

}  // namespace

const leak_case g_container_cases[] = {
    {"clean_vector", vector_freed},
    {"clean_map", map_freed},
    {"clean_shared", shared_freed},
    {"clean_exception", exception_caught},
    {"clean_static_containers", static_containers},
    {"lost_new", plain_new},
    {"lost_new_array", array_new},
    {"lost_exception", exception},
    {"indirect_vector", vector},
    {"indirect_map", map},
    {"indirect_hash_map", hash_map},
    {"indirect_shared_ring", shared_ring},
    {"held_vector", global_vector},
    {"held_second_base", second_base},
    {"held_counted_array", counted_array},
    {"held_string", string},
    {"held_singleton", singleton},
    {nullptr, nullptr},
};
