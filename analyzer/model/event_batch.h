// SPDX-License-Identifier: Apache-2.0
//
// Some decoded events in a row, as they go from the thread that reads them to
// the one that replays them.  The stack of each has become a node of the tree.
//
// What nearly every event is, a block that comes or goes, takes 40 bytes; all
// else is set aside whole.  A batch is used again and again and keeps its
// memory, so that an event costs no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/event.h"
#include "decode/own_control.h"
#include "model/stack_tree.h"

namespace sagemem::model {

class EventBatch {
 public:
  struct Entry {
    std::uint64_t ticks = 0;
    std::uint64_t address = 0;
    std::uint64_t size = 0;  // of the rarer kinds: index into the others
    StackId stack = kRootStack;
    std::uint32_t writer_index = 0;
    std::int32_t tid = 0;
    trace::Kind kind = trace::Kind::None;
    trace::Api api = trace::Api::Unknown;
    std::uint8_t alignment_log2 = 0;
    bool has_stack = false;
  };
  static_assert(sizeof(Entry) == 40);

  // Before anything is added; `events`: the most that there will be.
  void reserve(std::size_t events) { entries_.resize(events); }

  void add(const decode::Event& event, StackId stack) {
    Entry& entry = entries_[count_++];
    entry = {event.ticks,          event.address,  event.size, stack,
             event.writer_index,   event.tid,      event.kind, event.api,
             event.alignment_log2, event.has_stack};
    if (is_rare(event.kind)) {
      entry.size = rare_.size();
      set_aside(event);
    }
  }
  void clear() {
    count_ = 0;
    rare_.clear();
    controls_.clear();
    texts_.clear();
  }

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::span<const Entry> entries() const {
    return std::span(entries_).first(count_);
  }

  // Kinds whose events are kept whole.
  [[nodiscard]] static constexpr bool is_rare(trace::Kind kind) {
    using trace::Kind;
    return kind == Kind::ScopeBegin || kind == Kind::ScopeEnd ||
           kind == Kind::Label || kind == Kind::Note || kind == Kind::Control;
  }
  // The event of an entry of such a kind, but for its stack.
  [[nodiscard]] decode::Event rare(const Entry& entry) const {
    const Rare& rare = rare_[static_cast<std::size_t>(entry.size)];
    decode::Event event = rare.event;
    event.values = std::span(rare.values).first(rare.value_count);
    if (rare.has_control) event.control = &controls_[rare.control];
    return event;
  }

  // Record bytes that had been read when the batch was full.
  std::uint64_t bytes_read = 0;

 private:
  struct Rare {
    decode::Event event;
    std::array<std::int64_t, trace::kMaxScopeValues> values{};
    std::size_t value_count = 0;
    std::size_t control = 0;
    bool has_control = false;
  };

  void set_aside(const decode::Event& event);

  std::vector<Entry> entries_;  // its size is the room that there is
  std::size_t count_ = 0;
  std::vector<Rare> rare_;
  std::vector<decode::ControlRecord> controls_;
  decode::ControlTexts texts_;
};

}  // namespace sagemem::model
