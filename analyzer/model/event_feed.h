// SPDX-License-Identifier: Apache-2.0
//
// The first half of a replay: reads the events of a trace in order, turns their
// stacks into nodes of the tree, and hands them over in batches.  On a machine
// with two processors it does so in a thread of its own:
//
//   thread   EventReader -> StackResolver -> StackTree -> batch
//   caller                                                batch -> HeapModel
//   ...
//
// The stacks belong to this half because it has about half of the work then,
// and because the other knows ahead of time which counters it will need.  What
// comes out is the same in either way, and in the same order; so is a
// TraceError, which comes where the reader threw it.
//
// Hazard: the tree grows while the other half looks at it.  That one may ask
// for nodes which have come with an event, and for nothing else (StackTree).
#pragma once

#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "decode/event_reader.h"
#include "model/batch_ring.h"
#include "model/module_table.h"
#include "model/stack_resolver.h"
#include "model/stack_tree.h"

namespace sagemem::model {

class EventFeed {
 public:
  // `has_thread`: of its own.
  EventFeed(const decode::TraceFile& file, StackTree& stacks, bool has_thread);
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;
  ~EventFeed();

  // The next events, valid until the next call; nullptr at the end.
  const EventBatch* next();

  // When next() has returned nullptr.
  [[nodiscard]] const decode::DecodeStats& stats() const {
    return reader_.stats();
  }

 private:
  void run();
  bool fill(EventBatch& batch);
  StackId follow(const decode::Event& event);
  void look_at(const decode::ControlRecord& record);

  decode::EventReader reader_;
  ModuleTable modules_;
  StackResolver resolver_;
  // By writer: nodes of the last stack by depth, outermost first.
  std::vector<std::vector<StackId>> paths_;
  std::exception_ptr error_;         // of the reader
  EventBatch batch_;                 // of the caller's thread
  std::unique_ptr<BatchRing> ring_;  // where there is another one
  std::thread thread_;
};

}  // namespace sagemem::model
