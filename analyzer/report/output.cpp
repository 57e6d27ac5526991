// SPDX-License-Identifier: Apache-2.0
#include "report/output.h"

#include <cerrno>
#include <cstring>

namespace sagemem::report {

void Output::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail();
}

void Output::flush() {
  if (std::fflush(file_) != 0) fail();
}

void Output::fail() {
  if (errno == EPIPE) throw OutputClosed();
  throw OutputError(std::strerror(errno));
}

}  // namespace sagemem::report
