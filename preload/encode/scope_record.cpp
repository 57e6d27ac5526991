// SPDX-License-Identifier: Apache-2.0
//
// Compiled without vector registers: see scope/keep_vectors.h.
#include "encode/record_writer.h"

namespace sagemem {

void RecordWriter::write_scope(trace::Kind kind, std::uint8_t flag,
                               std::uint64_t ticks, std::uint32_t rule,
                               const ScopeValues& values) noexcept {
  auto tag = static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) | flag);
  std::uint8_t* out = put_stamp(cursor_ + 1, ticks, tag);
  out = trace::put_varint(out, rule);
  out = trace::put_varint(out, values.count);
  for (std::uint32_t i = 0; i < values.count; ++i) {
    out = trace::put_varint(out, trace::zigzag(values.values[i]));
  }
  *cursor_ = tag;
  commit(out);
}

}  // namespace sagemem
