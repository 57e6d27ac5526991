// SPDX-License-Identifier: Apache-2.0
#include "transport/spool.h"

#include <algorithm>
#include <iterator>

#include "platform/file.h"
#include "sagemem/trace/format.h"

namespace sagemem {

namespace {

constexpr std::uint32_t kNamesPerDirectory = 4;

bool write_all(long fd, const char* data, std::size_t size,
               std::uint64_t offset) noexcept {
  while (size > 0) {
    const long written =
        system_call(SYS_pwrite64, fd, data, size, static_cast<long>(offset));
    if (written == -EINTR) continue;  // a signal came first: nothing written
    if (is_error(written) || written == 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

}  // namespace

bool spool_path(const char* directory, std::uint32_t n,
                PathText& out) noexcept {
  const char* const places[] = {directory, "/dev/shm", "/tmp"};
  const std::uint32_t place = n / kNamesPerDirectory;
  if (place >= std::size(places)) return false;
  out.clear();
  // Without a directory of the user's own the first round repeats /dev/shm.
  out.add(places[place] == nullptr ? "/dev/shm" : places[place]);
  out.add("/sagemem-spool.").add_number(system_call(SYS_getpid)).add('.');
  out.add_unsigned(n);
  return true;
}

bool write_spool_stub(long output_fd, const PathText& spool) noexcept {
  PathText stub;
  stub.add(trace::kSpoolMagic).add(spool.c_str(), spool.size()).add('\n');
  return !stub.truncated() &&
         write_all(output_fd, stub.c_str(), stub.size(), 0);
}

bool copy_spool(long spool_fd, std::uint64_t bytes,
                const PathText& output) noexcept {
  const long fd = open_file(output.c_str(), O_WRONLY | O_NOFOLLOW);
  if (is_error(fd)) return false;
  // The first block goes last: until then the output still is the stub, and a
  // reader finds the spool.
  char buffer[4096];
  bool complete = bytes > 0;
  for (std::uint64_t done = 0; complete && done < bytes;) {
    const std::uint64_t offset = (done + sizeof(buffer)) % bytes;
    const auto size = std::min<std::uint64_t>(sizeof(buffer), bytes - offset);
    const long got = system_call(SYS_pread64, spool_fd, buffer, size,
                                 static_cast<long>(offset));
    complete =
        got == static_cast<long>(size) && write_all(fd, buffer, size, offset);
    done += size;
  }
  close_file(fd);
  return complete;
}

}  // namespace sagemem
