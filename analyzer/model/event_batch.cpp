// SPDX-License-Identifier: Apache-2.0
#include "model/event_batch.h"

#include <algorithm>

namespace sagemem::model {

void EventBatch::set_aside(const decode::Event& event) {
  Rare& rare = rare_.emplace_back();
  rare.event = event;
  rare.event.stack = {};
  rare.event.control = nullptr;
  rare.event.values = {};
  if (event.kind == trace::Kind::Control) {
    rare.has_control = true;
    rare.control = controls_.size();
    controls_.push_back(*event.control);
    texts_.own(controls_.back());
    return;
  }
  rare.value_count = std::min(event.values.size(), rare.values.size());
  std::copy_n(event.values.begin(), rare.value_count, rare.values.begin());
}

}  // namespace sagemem::model
