// SPDX-License-Identifier: Apache-2.0
//
// The quick way: a block of the thread that records alone, no stamp due, of
// whose call stack only inner frames are new.  One function from the first of
// them to the record's last byte, because this is what most events of most
// programs are; all else is left to on_block().
#include "capture/inner_walk.h"
#include "capture/stack_check.h"
#include "session/recorder.h"

namespace sagemem {

using LastStack = VerifiedUnwinder::LastStack;

bool Recorder::on_inner_block(trace::Kind kind, trace::Api api,
                              std::uint64_t size, std::uint64_t address,
                              const CallPoint& point) noexcept {
  ThreadWriter& writer = *t_state.writer;
  if (size >= kLargeBlock || !writer.records.is_quick_way_open() ||
      !g_recorder.is_settled(writer, point.pc)) [[unlikely]] {
    return false;
  }
  // Chosen here, where no registers have been saved yet.
  const bool knows_paths = writer.stacks.looks_for_paths();
  switch (writer.stacks.last_kind()) {
    case LastStack::Plain:
      return knows_paths ? write_inner_block<LastStack::Plain>(
                               writer, kind, api, size, address, point)
                         : walk_inner_block<LastStack::Plain>(
                               writer, kind, api, size, address, point);
    case LastStack::Linked:
      return knows_paths ? write_inner_block<LastStack::Linked>(
                               writer, kind, api, size, address, point)
                         : walk_inner_block<LastStack::Linked>(
                               writer, kind, api, size, address, point);
    case LastStack::None:
      break;
  }
  return false;
}

// No modules have come or gone since the last stamp and the last stack.
[[gnu::always_inline]] inline bool Recorder::is_settled(
    const ThreadWriter& writer, std::uint64_t caller) const noexcept {
  const std::uint32_t generation = modules_.generation();
  return generation == writer.generation &&
         writer.stacks.has_seen(generation) && !modules_.is_of_loader(caller);
}

template <VerifiedUnwinder::LastStack last>
bool Recorder::write_inner_block(ThreadWriter& writer, trace::Kind kind,
                                 trace::Api api, std::uint64_t size,
                                 std::uint64_t address,
                                 const CallPoint& point) noexcept {
  RecordWriter& records = writer.records;
  VerifiedUnwinder::InnerWalk walk{};
  if (KnownPath* path = writer.stacks.find_path<last>(point, walk);
      path != nullptr &&
      path->codes.are_known(records.frames_version(), walk.count()) &&
      (walk.count() != 0 || records.are_short_ways_open())) [[likely]] {
    const std::uint32_t count = walk.count();
    const StackDelta stack = writer.stacks.accept_inner<last>(walk);
    if constexpr (kCheckUnwind) check_last(writer, point);
    records.write_block_with(
        [&](std::uint8_t* out) { return path->codes.copy_to(out, count); },
        kind, api, stack, size, address);
    records.limit_short_ways(kFirstBytes);
    return true;
  }
  return walk_inner_block<last>(writer, kind, api, size, address, point);
}

template <VerifiedUnwinder::LastStack last>
bool Recorder::walk_inner_block(ThreadWriter& writer, trace::Kind kind,
                                trace::Api api, std::uint64_t size,
                                std::uint64_t address,
                                const CallPoint& point) noexcept {
  RecordWriter& records = writer.records;
  FrameCodes codes = records.frame_codes(writer.code_room);
  VerifiedUnwinder::InnerWalk walk{};
  if (!writer.stacks.walk_inner<last>(point, codes, walk) ||
      // The same stack: a loop has begun, see on_block().
      (codes.count() == 0 && !records.are_short_ways_open())) [[unlikely]] {
    return false;
  }
  const StackDelta stack = writer.stacks.accept_inner<last>(walk);
  if constexpr (kCheckUnwind) check_last(writer, point);
  records.write_block_with(
      [&](std::uint8_t* out) {
        return codes.are_known() ? codes.copy_to(out) : nullptr;
      },
      kind, api, stack, size, address);
  records.limit_short_ways(kFirstBytes);
  if (KnownPath* path = writer.stacks.keep_path<last>(point); path != nullptr) {
    codes.save(path->codes, records.frames_version());
  }
  return true;
}

}  // namespace sagemem
