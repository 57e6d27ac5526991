// SPDX-License-Identifier: Apache-2.0
#include "model/open_scopes.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace sagemem::model {
namespace {

constexpr std::size_t kMaxRecent = 32;

}  // namespace

bool OpenScopes::begin(std::uint32_t writer, const Open& open) {
  ThreadState& thread = threads_[writer];
  const bool is_one_too_many =
      thread.open.size() >= kMaxDepth ||
      (open.is_process_wide && process_.size() >= kMaxProcessWide);
  if (is_one_too_many) {
    ++thread.passed_over;
    return false;
  }
  is_used_ = true;
  ++count_;
  thread.open.push_back(open);
  if (open.is_process_wide) {
    const std::uint32_t next = process_.empty() ? kEnd : process_.back().link;
    process_.push_back({open.scope, open.rule, writer, push(open.scope, next)});
  } else {
    thread.own = push(open.scope, thread.own);
  }
  return true;
}

bool OpenScopes::pass_over_end(std::uint32_t writer) {
  std::uint64_t& count = threads_[writer].passed_over;
  if (count == 0) return false;
  --count;
  return true;
}

std::vector<OpenScopes::Closed> OpenScopes::end(std::uint32_t writer,
                                                std::uint32_t rule) {
  ThreadState& thread = threads_[writer];
  const auto found =
      std::find_if(thread.open.rbegin(), thread.open.rend(),
                   [rule](const Open& open) { return open.rule == rule; });
  if (found == thread.open.rend()) return end_elsewhere(rule);
  std::vector<Closed> result;
  for (auto left = std::distance(thread.open.rbegin(), found); left >= 0;
       --left) {
    result.push_back({take_innermost(thread), left == 0});
  }
  return result;
}

std::vector<OpenScopes::Closed> OpenScopes::end_elsewhere(std::uint32_t rule) {
  const auto found = std::find_if(
      process_.rbegin(), process_.rend(),
      [rule](const ProcessWide& wide) { return wide.rule == rule; });
  if (found == process_.rend()) return {};
  const ScopeId scope = found->scope;
  std::vector<Open>& open = threads_[found->writer].open;
  const auto place =
      std::find_if(open.begin(), open.end(),
                   [scope](const Open& one) { return one.scope == scope; });
  std::vector<Closed> result;
  result.push_back({std::move(*place), true});
  open.erase(place);
  --count_;
  remove_process_wide(scope);
  return result;
}

std::vector<OpenScopes::Closed> OpenScopes::end_thread(std::uint32_t writer) {
  ThreadState& thread = threads_[writer];
  thread.passed_over = 0;
  std::vector<Closed> result;
  std::vector<Open> kept;
  while (!thread.open.empty()) {
    if (thread.open.back().is_process_wide) {
      kept.push_back(std::move(thread.open.back()));
      thread.open.pop_back();
    } else {
      result.push_back({take_innermost(thread), true});
    }
  }
  std::reverse(kept.begin(), kept.end());
  thread.open = std::move(kept);
  return result;
}

std::vector<OpenScopes::Closed> OpenScopes::end_all() {
  std::vector<Closed> result;
  for (ThreadState& thread : threads_) {
    while (!thread.open.empty()) {
      result.push_back({take_innermost(thread), true});
    }
  }
  return result;
}

OpenScopes::Open* OpenScopes::innermost(std::uint32_t writer) {
  std::vector<Open>& open = threads_[writer].open;
  return open.empty() ? nullptr : &open.back();
}

void OpenScopes::set_labels(std::uint32_t writer, LabelSetId labels) {
  is_used_ = true;
  threads_[writer].labels = labels;
}

OriginId OpenScopes::find_origin(std::uint32_t writer) {
  ThreadState& thread = threads_[writer];
  const std::uint32_t process = process_.empty() ? kEnd : process_.back().link;
  if (thread.own == kEnd && process == kEnd && thread.labels == kNoLabels) {
    return writer;
  }
  const Context wanted{writer, thread.own, process, thread.labels};
  if (!is_plain(thread.last) && context(thread.last) == wanted) {
    return thread.last;
  }
  for (const OriginId origin : thread.recent) {
    if (context(origin) == wanted) return thread.last = origin;
  }
  const std::size_t next = threads_.size() + contexts_.size();
  if (next >= ~OriginId{0}) throw std::length_error("too many scopes");
  const auto origin = static_cast<OriginId>(next);
  contexts_.push_back(wanted);
  if (thread.recent.size() < kMaxRecent) {
    thread.recent.push_back(origin);
  } else {
    thread.recent[thread.next_recent++ % kMaxRecent] = origin;
  }
  return thread.last = origin;
}

std::uint32_t OpenScopes::push(ScopeId scope, std::uint32_t next) {
  if (links_.size() >= kEnd) throw std::length_error("too many scopes");
  links_.push_back({scope, next});
  return static_cast<std::uint32_t>(links_.size() - 1);
}

OpenScopes::Open OpenScopes::take_innermost(ThreadState& thread) {
  Open open = std::move(thread.open.back());
  thread.open.pop_back();
  --count_;
  if (open.is_process_wide) {
    remove_process_wide(open.scope);
  } else {
    thread.own = links_[thread.own].next;
  }
  return open;
}

// Those that began later get new links: the old ones are those of blocks that
// were born when this one was open.
void OpenScopes::remove_process_wide(ScopeId scope) {
  const auto found = std::find_if(
      process_.begin(), process_.end(),
      [scope](const ProcessWide& wide) { return wide.scope == scope; });
  std::uint32_t link =
      found == process_.begin() ? kEnd : std::prev(found)->link;
  const auto later = process_.erase(found);
  for (auto wide = later; wide != process_.end(); ++wide) {
    link = push(wide->scope, link);
    wide->link = link;
  }
}

}  // namespace sagemem::model
