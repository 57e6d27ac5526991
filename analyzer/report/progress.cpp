// SPDX-License-Identifier: Apache-2.0
#include "report/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "report/text.h"

namespace sagemem::report {
namespace {

constexpr std::chrono::milliseconds kPatience(1000);
constexpr std::chrono::milliseconds kInterval(100);
constexpr std::size_t kColumns = 40;

}  // namespace

ProgressBar::ProgressBar(const std::string& title)
    : title_(shorten_middle(printable(title, false), 28)),
      enabled_(isatty(STDERR_FILENO) != 0),
      next_draw_(Clock::now() + kPatience) {}

// Carriage return, then ECMA-48 EL: erase to the end of the line.
ProgressBar::~ProgressBar() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::update(double share) {
  if (!enabled_ || Clock::now() < next_draw_) return;
  next_draw_ = Clock::now() + kInterval;
  drawn_ = true;
  const double done = std::clamp(share, 0.0, 1.0);
  const auto filled =
      static_cast<std::size_t>(done * static_cast<double>(kColumns));
  fmt::print(stderr, "\r{} [{}{}] {:3.0f} %", title_, std::string(filled, '#'),
             std::string(kColumns - filled, ' '), done * 100);
  std::fflush(stderr);
}

}  // namespace sagemem::report
