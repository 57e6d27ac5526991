// SPDX-License-Identifier: Apache-2.0
#include "decode/pack_reader.h"

#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace sagemem::decode {

std::span<const std::uint8_t> PackReader::content(const Pack& pack,
                                                  std::uint32_t number) {
  ++calls_;
  auto entry = std::find_if(
      entries_.begin(), entries_.end(),
      [number](const Entry& each) { return each.number == number; });
  if (entry == entries_.end() && entries_.size() < kEntries) {
    entry = entries_.insert(entry, Entry{});
  } else if (entry == entries_.end()) {
    entry = std::min_element(
        entries_.begin(), entries_.end(),
        [](const Entry& a, const Entry& b) { return a.used < b.used; });
  }
  if (entry->number != number) {
    load(pack, *entry);
    entry->number = number;
  }
  entry->used = calls_;
  return entry->content;
}

void PackReader::load(const Pack& pack, Entry& entry) {
  entry.content.clear();
  frame_.resize(static_cast<std::size_t>(pack.frame_bytes()));
  if (source_.read(pack.frame_offset(), frame_) != frame_.size() ||
      XXH3_64bits(frame_.data(), frame_.size()) != pack.header.checksum) {
    return;
  }
  entry.content.resize(pack.header.content_bytes);
  // In one call: the library takes no memory for a window, whatever the frame
  // says of its size.
  const std::size_t got = ZSTD_decompress(
      entry.content.data(), entry.content.size(), frame_.data(), frame_.size());
  if (ZSTD_isError(got) != 0 || got != entry.content.size()) {
    entry.content.clear();
  }
}

}  // namespace sagemem::decode
