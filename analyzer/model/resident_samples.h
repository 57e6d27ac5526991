// SPDX-License-Identifier: Apache-2.0
//
// Which resident-set sample is nearest in time to the heap's peak.
//
// The peak may move with every event, samples are rare: so the work is done at
// a sample, by asking whether the peak moved since the one before.
#pragma once

#include <cstdint>

namespace sagemem::model {

class ResidentSamples {
 public:
  struct Sample {
    std::uint64_t ticks = 0;
    std::uint64_t bytes = 0;  // 0: none
  };

  // `peak_number` is that of the last peak before the sample.
  void add(const Sample& sample, std::uint64_t peak_number) {
    if (peak_number != peak_number_) {
      peak_number_ = peak_number;
      before_ = last_;
      after_ = sample;
    }
    last_ = sample;
  }

  [[nodiscard]] Sample nearest(std::uint64_t peak_number,
                               std::uint64_t peak_ticks) const {
    if (peak_number != peak_number_) return last_;  // none after the peak
    if (before_.bytes == 0) return after_;
    const bool is_before_nearer =
        peak_ticks - before_.ticks <= after_.ticks - peak_ticks;
    return is_before_nearer ? before_ : after_;
  }

 private:
  Sample last_;
  Sample before_;  // the last sample before the peak
  Sample after_;   // and the first one after it
  std::uint64_t peak_number_ = 0;
};

}  // namespace sagemem::model
