// SPDX-License-Identifier: Apache-2.0
#include "analysis/glibc_model.h"

#include <algorithm>

namespace sagemem::analysis {

GlibcModel::Place GlibcModel::allocate(std::uint64_t size) {
  size = std::min(size, kImpossible);
  if (size >= map_threshold_) return map(size);
  const std::uint64_t bytes = chunk_bytes(size);
  Place place;
  if (take_waiting(bytes, place)) return place;
  if (bytes >= kLeastLarge) merge_waiting();
  if (take_best(bytes, place)) return place;
  return take_top(bytes);
}

void GlibcModel::release(const Place& place) {
  if ((place.address & kMapped) != 0) {
    give_back(place.bytes);
    if (place.bytes > map_threshold_ && place.bytes <= kMostThreshold) {
      map_threshold_ = place.bytes;
      trim_threshold_ = 2 * map_threshold_;
    }
    return;
  }
  const std::uint64_t kind = place.bytes / kGranule;
  if (place.bytes <= kMostCached && cached_[kind].size() < kCachedOfSize) {
    cached_[kind].push_back(place.address);
    free_bytes_ += place.bytes;
  } else if (place.bytes <= kMostFast) {
    fast_[kind].push_back(place.address);
    free_bytes_ += place.bytes;
    has_fast_ = true;
  } else {
    merge(place.address, place.bytes);
  }
}

GlibcModel::Place GlibcModel::resize(const Place& place, std::uint64_t size) {
  size = std::min(size, kImpossible);
  if ((place.address & kMapped) != 0) {
    if (size < map_threshold_) return AllocatorModel::resize(place, size);
    // mremap
    const std::uint64_t bytes = round_up(size + 2 * kHeader, kPage);
    if (bytes > place.bytes) take(bytes - place.bytes);
    if (bytes < place.bytes) give_back(place.bytes - bytes);
    return {place.address, bytes};
  }
  const std::uint64_t bytes = chunk_bytes(size);
  if (bytes <= place.bytes) return split(place, bytes);
  const std::uint64_t behind = place.address + place.bytes;
  const std::uint64_t more = bytes - place.bytes;
  if (behind == top_ && end_ - top_ >= more + kLeastChunk) {
    top_ += more;
    return {place.address, bytes};
  }
  const auto next = bytes_at_.find(behind);
  if (next != bytes_at_.end() && next->second >= more) {
    const std::uint64_t all = place.bytes + next->second;
    remove(behind, next->second);
    return split({place.address, all}, bytes);
  }
  return AllocatorModel::resize(place, size);
}

std::uint64_t GlibcModel::chunk_bytes(std::uint64_t size) {
  return std::max(kLeastChunk, round_up(size + kHeader, kGranule));
}

GlibcModel::Place GlibcModel::map(std::uint64_t size) {
  const std::uint64_t bytes = round_up(size + 2 * kHeader, kPage);
  take(bytes);
  return {kMapped, bytes};
}

bool GlibcModel::take_waiting(std::uint64_t bytes, Place& place) {
  const std::uint64_t kind = bytes / kGranule;
  Bin* bin = nullptr;
  if (bytes <= kMostCached && !cached_[kind].empty()) {
    bin = &cached_[kind];
  } else if (bytes <= kMostFast && !fast_[kind].empty()) {
    bin = &fast_[kind];
  }
  if (bin == nullptr) return false;
  place = {bin->back(), bytes};
  bin->pop_back();
  free_bytes_ -= bytes;
  return true;
}

bool GlibcModel::take_best(std::uint64_t bytes, Place& place) {
  const auto best = by_size_.lower_bound({bytes, 0});
  if (best == by_size_.end()) return false;
  const auto [found, address] = *best;
  remove(address, found);
  place = split({address, found}, bytes);
  return true;
}

GlibcModel::Place GlibcModel::take_top(std::uint64_t bytes) {
  if (end_ - top_ < bytes + kLeastChunk) {
    const std::uint64_t more =
        round_up(bytes + kLeastChunk + kTopPad - (end_ - top_), kPage);
    end_ += more;
    take(more);
  }
  const std::uint64_t address = top_;
  top_ += bytes;
  return {address, bytes};
}

// What is left over goes back where it is large enough to be a chunk.
GlibcModel::Place GlibcModel::split(const Place& place, std::uint64_t bytes) {
  if (place.bytes - bytes < kLeastChunk) return place;
  merge(place.address + bytes, place.bytes - bytes);
  return {place.address, bytes};
}

void GlibcModel::merge(std::uint64_t address, std::uint64_t bytes) {
  const auto before = start_of_.find(address);
  if (before != start_of_.end()) {
    const std::uint64_t start = before->second;
    remove(start, address - start);
    bytes += address - start;
    address = start;
  }
  const auto behind = bytes_at_.find(address + bytes);
  if (behind != bytes_at_.end()) {
    const std::uint64_t more = behind->second;
    remove(address + bytes, more);
    bytes += more;
  }
  if (address + bytes == top_) {
    top_ = address;
  } else {
    insert(address, bytes);
  }
  if (bytes < kMergeAllFrom) return;
  merge_waiting();
  trim();
}

void GlibcModel::merge_waiting() {
  if (!has_fast_) return;
  has_fast_ = false;
  for (std::size_t kind = 0; kind < fast_.size(); ++kind) {
    Bin chunks;
    chunks.swap(fast_[kind]);
    for (const std::uint64_t address : chunks) {
      free_bytes_ -= kind * kGranule;
      merge(address, kind * kGranule);
    }
  }
}

void GlibcModel::trim() {
  const std::uint64_t top = end_ - top_;
  if (top < trim_threshold_) return;
  const std::uint64_t kept = kTopPad + kLeastChunk;
  if (top <= kept) return;
  const std::uint64_t less = (top - kept) / kPage * kPage;
  if (less == 0) return;
  end_ -= less;
  give_back(less);
}

void GlibcModel::insert(std::uint64_t address, std::uint64_t bytes) {
  by_size_.emplace(bytes, address);
  bytes_at_[address] = bytes;
  start_of_[address + bytes] = address;
  free_bytes_ += bytes;
}

void GlibcModel::remove(std::uint64_t address, std::uint64_t bytes) {
  by_size_.erase({bytes, address});
  bytes_at_.erase(address);
  start_of_.erase(address + bytes);
  free_bytes_ -= bytes;
}

}  // namespace sagemem::analysis
