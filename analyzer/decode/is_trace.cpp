// SPDX-License-Identifier: Apache-2.0
#include "decode/is_trace.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "decode/byte_source.h"
#include "decode/trace_error.h"
#include "sagemem/trace/format.h"

namespace sagemem::decode {

bool is_trace(const std::filesystem::path& path) {
  constexpr std::string_view spool = trace::kSpoolMagic;
  std::string start(spool.size(), '\0');
  try {
    const auto source = open_file(path);
    start.resize(source->read(
        0, {reinterpret_cast<std::uint8_t*>(start.data()), start.size()}));
  } catch (const TraceError&) {
    return false;  // not there, or a pipe
  }
  return start == spool || start.starts_with(std::string_view(
                               trace::kMagic, sizeof trace::kMagic));
}

}  // namespace sagemem::decode
