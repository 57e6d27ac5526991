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

bool Recorder::on_inner_block(trace::Kind kind, trace::Api api,
                              std::uint64_t size, std::uint64_t address,
                              const CallPoint& point) noexcept {
  return g_recorder.write_inner_block(*t_state.writer, kind, api, size, address,
                                      point);
}

[[gnu::always_inline]] inline bool Recorder::write_inner_block(
    ThreadWriter& writer, trace::Kind kind, trace::Api api, std::uint64_t size,
    std::uint64_t address, const CallPoint& point) noexcept {
  RecordWriter& records = writer.records;
  if (size >= kLargeBlock || records.needs_stamp() ||
      modules_.generation() != writer.generation ||
      !writer.stacks.is_settled(point.pc, modules_)) [[unlikely]] {
    return false;
  }
  FrameCodes codes = records.frame_codes(writer.code_room);
  VerifiedUnwinder::InnerWalk walk{};
  if (!writer.stacks.walk_inner(point, codes, walk) ||
      // The same stack: a loop has begun, see on_block().
      (codes.count() == 0 && !records.are_short_ways_open()) ||
      !records.has_room(RecordWriter::record_bytes(codes.count())))
      [[unlikely]] {
    return false;
  }
  const StackDelta stack = writer.stacks.accept_inner(walk, codes.count());
  if constexpr (kCheckUnwind) check_last(writer, point);
  records.write_block_with(codes, kind, api, stack, size, address);
  records.limit_short_ways(kFirstBytes);
  return true;
}

}  // namespace sagemem
