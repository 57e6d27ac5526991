# SPDX-License-Identifier: Apache-2.0
"""Writes a C++ program of random functions that call each other in all the ways
that unwinders have trouble with: see generated_program.h.  The same seed gives
the same program.

usage: generate_program.py SEED > program.cpp
"""
import random
import sys

FUNCTIONS = 14

ATTRIBUTES = [
    "",
    '__attribute__((optimize("no-omit-frame-pointer")))',
    '__attribute__((optimize("omit-frame-pointer")))',
    "__attribute__((force_align_arg_pointer))",
]

ROOMS = [
    "",
    "  char room[{size}];\n  keep(room);\n",
    "  alignas({align}) char room[{align}];\n  keep(room);\n",
    "  keep(memset(alloca(16 + choose({size})), 1, 16));\n",
]

# How one function uses another, {f}.
WAYS = [
    "{f}(depth - 1);",
    "{f}(depth - 1);",
    "call_and_catch({f}, depth - 1);",
    "call_and_land({f}, depth - 1);",
    "call_elsewhere({f}, depth - 1);",
    "jump_to({f}, depth - 1);",
    "TRAP({f});",
    "allocate_truly();",
    "allocate_truly();",
    "keep(memset(alloca(16 + choose(300)), 1, 16));",
]


def function(number):
  """A function that calls any other, as often as chance has it."""
  attribute = random.choice(ATTRIBUTES)
  lines = [f"{attribute} NOINLINE void f{number}(int depth) {{", "  ENTER;"]
  room = random.choice(ROOMS).format(size=random.randrange(8, 3000),
                                     align=random.choice([32, 64, 128]))
  lines += room.splitlines()
  lines += ["  allocate_truly();", "  while (may_go_on(depth)) {"]
  ways = random.sample(WAYS, random.randrange(2, 5))
  lines.append(f"    switch (choose({len(ways) + 2})) {{")
  for case, way in enumerate(ways):
    callee = f"f{random.randrange(FUNCTIONS)}"
    lines += [f"      case {case}:", "        " + way.format(f=callee),
              "        break;"]
  lines += ["      default:"]
  # Not out of a call that runs on another stack: its caller catches.
  lines += ["        " + random.choice(
      ["if (choose(6) == 0) rise();", "if (choose(6) == 0) leap();",
       "goto out;"]), "        break;", "    }", "  }"]
  if any("goto out" in line for line in lines):
    lines.append("out:")
  lines += ["  LEAVE;", "}", ""]
  return lines


def main():
  random.seed(int(sys.argv[1]))
  lines = ['#include "generated_program.h"', ""]
  lines += [f"void f{i}(int depth);" for i in range(FUNCTIONS)] + [""]
  for number in range(FUNCTIONS):
    lines += function(number)
  lines += ["NOINLINE void run_program(int depth) {", "  ENTER;",
            f"  switch (choose({FUNCTIONS})) {{"]
  for number in range(FUNCTIONS):
    lines += [f"    case {number}:", f"      f{number}(depth);",
              "      break;"]
  lines += ["    default:", "      break;", "  }", "  LEAVE;", "}"]
  print("\n".join(lines))


main()
