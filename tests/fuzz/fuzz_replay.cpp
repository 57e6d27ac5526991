// SPDX-License-Identifier: Apache-2.0
//
// The fuzz target: opens a folded trace, replays it and prints its events.
// Everything but a TraceError is a finding.
//
// Linked with -fsanitize=fuzzer by clang, or with run_corpus.cpp into a
// test of its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "decode/event_reader.h"
#include "decode/text.h"
#include "decode/trace_error.h"
#include "folded_source.h"
#include "model/replay.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sagemem;
  try {
    const decode::TraceFile file(
        std::make_unique<test::FoldedSource>(std::span(data, size)));
    decode::EventReader reader(file);
    while (const decode::Event* event = reader.next()) {
      if (decode::print_event(*event, {}).empty()) std::abort();
    }
    const model::Profile profile = model::replay(file);
    // Two readings of one trace are one.
    if (profile.events != reader.stats().events) std::abort();
    if (profile.uses.size() != profile.stacks.size()) std::abort();
    if (profile.timeline.size() > model::kMaxTimeline) std::abort();
  } catch (const decode::TraceError&) {
    // Refused, as it may be.
  }
  return 0;
}
