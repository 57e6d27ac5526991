// SPDX-License-Identifier: Apache-2.0
//
// What of a mapping is a thread's stack, as far as that is known:
//
//   start                     sp             descriptor         end
//     | nothing: left over     | live: counts |                  |
//
// A stack is known by the thread that stands on it, and by its descriptor (what
// the thread pointer leads to), which the C library puts at its upper end.
//
// Hazard: a thread may stand elsewhere than on its stack (coroutines, alternate
// stacks), a stack on a heap, and mappings of the same kind that touch are one.
// Where it is not known for sure, nothing is said to be left over.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sagemem/trace/scan.h"

namespace sagemem::model {

class StackParts {
 public:
  struct Thread {
    std::int32_t tid = 0;
    trace::ThreadStop stop = trace::ThreadStop::Own;
    std::uint64_t stack_pointer = 0;
    std::uint64_t thread_pointer = 0;
  };
  struct Region {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    trace::RegionKind kind = trace::RegionKind::Anonymous;
    bool is_guarded = false;
  };
  enum class Use : std::uint8_t { Unknown, Nothing, Live };

  StackParts() = default;
  // `pid`: of the first thread, too.
  StackParts(const std::vector<Thread>& threads, std::int32_t pid);

  // `descriptors`: what looks like one, of whatever thread.
  void add(const Region& region, const std::vector<std::uint64_t>& descriptors);
  // When all are added.
  void sort();

  [[nodiscard]] Use use_of(std::uint64_t location) const;

 private:
  // But for a word at `but`.
  struct Part {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    Use use = Use::Nothing;
    std::uint64_t but = 0;
  };
  // One pointer of a thread, and the other one.
  using Pointers = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

  void add_first(const Region& region, const Pointers& standing);
  void add_ended(const Region& region,
                 const std::vector<std::uint64_t>& descriptors);
  void add_part(const Part& part) {
    if (part.start < part.end) parts_.push_back(part);
  }

  bool has_all_ = true;
  bool is_first_alive_ = false;
  Pointers by_stack_;       // sorted
  Pointers by_descriptor_;  // sorted
  std::vector<Part> parts_;
};

}  // namespace sagemem::model
