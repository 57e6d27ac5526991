// SPDX-License-Identifier: Apache-2.0
//
// Compiled without vector registers: the caller's are in them.
#include "scope/value_reader.h"

#include "platform/careful_read.h"

namespace sagemem {

namespace {

using trace::kUnknownValue;

std::int64_t extend(std::uint64_t bits, unsigned bytes,
                    bool is_unsigned) noexcept {
  if (bytes >= 8) return static_cast<std::int64_t>(bits);
  const unsigned shift = 64 - 8 * bytes;
  const std::uint64_t top = bits << shift;
  return is_unsigned ? static_cast<std::int64_t>(top >> shift)
                     : static_cast<std::int64_t>(top) >> shift;
}

unsigned width_of(const Source& source, const GlobalPlace& place) noexcept {
  if (source.bytes != 0) return source.bytes;
  const bool is_scalar = place.bytes == 1 || place.bytes == 2 ||
                         place.bytes == 4 || place.bytes == 8;
  return source.kind == SourceKind::Global && is_scalar
             ? static_cast<unsigned>(place.bytes)
             : 8;
}

// Of memory that the program's own symbols and pointers name, so it may be
// anything: the kernel looks first.
std::int64_t read_memory(std::uint64_t address, unsigned bytes,
                         bool is_unsigned) noexcept {
  std::uint64_t bits = 0;
  if (read_carefully(address, &bits, bytes) != bytes) return kUnknownValue;
  return extend(bits, bytes, is_unsigned);
}

// A whole variable of the program: it is there.
std::int64_t read_global(const GlobalPlace& place, std::uint64_t offset,
                         unsigned bytes, bool is_unsigned) noexcept {
  if (offset > place.bytes || bytes > place.bytes - offset) {
    return kUnknownValue;
  }
  const auto* at =
      reinterpret_cast<const volatile std::uint8_t*>(place.address + offset);
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < bytes; ++i) {
    bits |= static_cast<std::uint64_t>(at[i]) << 8 * i;
  }
  return extend(bits, bytes, is_unsigned);
}

std::uint64_t index_of(const Source& source, const GlobalPlace& place,
                       const ProbeFrame& frame) noexcept {
  std::int64_t index = 0;
  if (source.index.is_empty()) {
    // One that is an int has anything in its upper half.
    index = static_cast<std::int32_t>(frame.argument(source.argument));
  } else {
    const unsigned bytes =
        place.index_bytes < 8 ? static_cast<unsigned>(place.index_bytes) : 8;
    index = read_global({place.index, bytes}, 0, bytes, false);
  }
  return static_cast<std::uint64_t>(index);
}

}  // namespace

std::int64_t read_value(const Source& source, const GlobalPlace& place,
                        const ProbeFrame& frame,
                        bool has_own_arguments) noexcept {
  if (source.reads_argument() && has_own_arguments) return kUnknownValue;
  const unsigned bytes = width_of(source, place);
  const bool is_unsigned = source.is_unsigned;
  if (source.kind == SourceKind::Return) {
    return extend(frame.rax, bytes, is_unsigned);
  }
  if (source.kind == SourceKind::Argument) {
    return extend(frame.argument(source.argument), bytes, is_unsigned);
  }
  if (place.address == 0) return kUnknownValue;
  if (source.kind == SourceKind::Global) {
    return read_global(place, 0, bytes, is_unsigned);
  }
  if (!source.index.is_empty() && place.index == 0) return kUnknownValue;
  const std::uint64_t offset = index_of(source, place, frame) * bytes;
  if (source.kind == SourceKind::Element) {
    return read_global(place, offset, bytes, is_unsigned);
  }
  std::uint64_t pointer = 0;
  if (read_carefully(place.address, &pointer, sizeof pointer) !=
          sizeof pointer ||
      pointer == 0) {
    return kUnknownValue;
  }
  return read_memory(pointer + offset, bytes, is_unsigned);
}

}  // namespace sagemem
