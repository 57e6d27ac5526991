// SPDX-License-Identifier: Apache-2.0
//
// Which scopes a block belongs to that is born now in a thread.
//
// The sets that there were are kept as chains that share their ends, so that a
// block needs no more than one number, its origin.  The scopes of a thread are
// one chain, the process-wide ones of all threads another:
//
//   thread 1   run > forest 7            blocks of it: forest 7, run, phase 2
//   thread 2   (none)                    blocks of it: phase 2
//   process    phase 2
//
// Origins below the number of writers are those writers without any scope or
// label: a trace without scopes has no others.
#pragma once

#include <cstdint>
#include <vector>

#include "model/scopes.h"

namespace sagemem::model {

using OriginId = std::uint32_t;
using LabelSetId = std::uint32_t;
inline constexpr LabelSetId kNoLabels = 0;

class OpenScopes {
 public:
  // What is open at once is bounded, as every block costs as much.
  static constexpr std::size_t kMaxDepth = 256;
  static constexpr std::size_t kMaxProcessWide = 64;

  struct Open {
    ScopeId scope = kNoScope;
    std::uint32_t rule = 0;
    bool is_process_wide = false;
    std::vector<CapturedValue> captured;
  };
  struct Closed {
    Open open;
    bool is_outermost = false;  // what the end was for; the others were in it
  };

  explicit OpenScopes(std::size_t writers)
      : writers_(static_cast<OriginId>(writers)), threads_(writers) {}

  // False when it would be too many: then its end is passed over as well.
  bool begin(std::uint32_t writer, const Open& open);
  // Whether an end is that of a begin which was one too many.
  bool pass_over_end(std::uint32_t writer);
  // Closes the innermost one of the rule and all in it, innermost first; where
  // the thread has none, the last process-wide one of another thread.
  std::vector<Closed> end(std::uint32_t writer, std::uint32_t rule);
  // The thread has ended: closes its scopes, process-wide ones excepted.
  std::vector<Closed> end_thread(std::uint32_t writer);
  // Of all threads, when the trace has ended.
  std::vector<Closed> end_all();

  // The innermost of the thread; nullptr: none.
  [[nodiscard]] Open* innermost(std::uint32_t writer);
  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  // Some origin may be other than its writer.
  [[nodiscard]] bool is_used() const { return is_used_; }

  void set_labels(std::uint32_t writer, LabelSetId labels);
  [[nodiscard]] LabelSetId labels(std::uint32_t writer) const {
    return threads_[writer].labels;
  }

  // Of a block that is born now.
  OriginId origin(std::uint32_t writer) {
    return is_used_ ? find_origin(writer) : writer;
  }
  [[nodiscard]] std::uint32_t writer_of(OriginId origin) const {
    return is_plain(origin) ? origin : context(origin).writer;
  }
  [[nodiscard]] bool is_plain(OriginId origin) const {
    return origin < writers_;
  }
  [[nodiscard]] LabelSetId labels_of(OriginId origin) const {
    return context(origin).labels;
  }
  // Calls visit(scope) for each scope that blocks of the origin belong to.
  template <typename Visit>
  void each_scope(OriginId origin, const Visit& visit) const {
    const Context& place = context(origin);
    for (const std::uint32_t chain : {place.own, place.process}) {
      for (std::uint32_t link = chain; link != kEnd; link = links_[link].next) {
        visit(links_[link].scope);
      }
    }
  }

 private:
  static constexpr std::uint32_t kEnd = 0xffffffff;

  struct Link {
    ScopeId scope;
    std::uint32_t next;
  };
  struct Context {
    std::uint32_t writer;
    std::uint32_t own;      // chain of the thread's
    std::uint32_t process;  // chain of the process-wide ones
    LabelSetId labels;

    friend bool operator==(const Context&, const Context&) = default;
  };
  struct ThreadState {
    std::vector<Open> open;  // innermost last
    std::uint32_t own = kEnd;
    LabelSetId labels = kNoLabels;
    std::uint64_t passed_over = 0;  // begins that were too many
    // Origins used lately, `last` first of all: a label changes to and fro
    // within a scope.
    std::vector<OriginId> recent;
    std::size_t next_recent = 0;
    OriginId last = 0;
  };
  struct ProcessWide {
    ScopeId scope;
    std::uint32_t rule;
    std::uint32_t writer;
    std::uint32_t link;
  };

  [[nodiscard]] const Context& context(OriginId origin) const {
    return contexts_[origin - writers_];
  }
  OriginId find_origin(std::uint32_t writer);
  std::uint32_t push(ScopeId scope, std::uint32_t next);
  std::vector<Closed> end_elsewhere(std::uint32_t rule);
  Open take_innermost(ThreadState& thread);
  void remove_process_wide(ScopeId scope);

  OriginId writers_;
  std::vector<ThreadState> threads_;  // by writer
  std::vector<ProcessWide> process_;  // in order of their begins
  std::vector<Link> links_;
  std::vector<Context> contexts_;
  std::size_t count_ = 0;
  bool is_used_ = false;
};

}  // namespace sagemem::model
