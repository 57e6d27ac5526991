// SPDX-License-Identifier: Apache-2.0
#include "model/block_tracker.h"

namespace sagemem::model {

void BlockTracker::birth(std::uint64_t address, std::uint64_t size,
                         StackId stack, std::uint64_t peak_number) {
  const Life life{size, time_ns_, born_bytes_, born_++, stack, thread_};
  born_bytes_ += size;
  live_[address] = life;
  observer_.birth(life, peak_number);
}

void BlockTracker::begin_transit(std::uint64_t address, std::uint64_t number) {
  const auto found = live_.find(address);
  if (found == live_.end()) return;
  transit_[number] = found->second;
  live_.erase(found);
}

void BlockTracker::end_transit(std::uint64_t number, std::uint64_t address) {
  const auto found = transit_.find(number);
  if (found == transit_.end()) return;
  live_[address] = found->second;
  transit_.erase(found);
}

void BlockTracker::death(std::uint64_t address, bool is_temporary,
                         std::uint64_t peak_number) {
  end(live_, address, is_temporary, /*was_lost=*/false, peak_number);
}

void BlockTracker::death_in_transit(std::uint64_t number, bool is_temporary,
                                    std::uint64_t peak_number) {
  end(transit_, number, is_temporary, /*was_lost=*/false, peak_number);
}

void BlockTracker::lose(std::uint64_t address, std::uint64_t peak_number) {
  end(live_, address, /*is_temporary=*/false, /*was_lost=*/true, peak_number);
}

void BlockTracker::end(Lives& lives, std::uint64_t key, bool is_temporary,
                       bool was_lost, std::uint64_t peak_number) {
  const auto found = lives.find(key);
  if (found == lives.end()) return;
  const Life life = found->second;
  lives.erase(found);
  observer_.death(life,
                  {time_ns_, born_bytes_, thread_, is_temporary, was_lost},
                  peak_number);
}

void BlockTracker::finish(std::uint64_t peak_number) {
  for (const auto& [address, life] : live_) observer_.remain(life);
  observer_.finish(peak_number);
}

}  // namespace sagemem::model
