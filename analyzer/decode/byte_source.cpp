// SPDX-License-Identifier: Apache-2.0
#include "decode/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "decode/shared_lock.h"
#include "decode/trace_error.h"
#include "decode/unlinked_file.h"

namespace sagemem::decode {
namespace {

std::string describe_errno(int error) {
  return std::strerror(error);
}

class FileSource final : public ByteSource {
 public:
  FileSource(const std::filesystem::path& path, bool shared) {
    // O_NONBLOCK: opening a FIFO must fail the check below, not wait for a
    // writer.  It means nothing for a regular file.
    fd_ = shared ? open_shared(path, O_RDONLY)
                 : ::open(path.c_str(),
                          O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd_ < 0) throw TraceError(0, describe_errno(errno));
    struct stat status {};
    const bool known = ::fstat(fd_, &status) == 0;
    if (!known || !S_ISREG(status.st_mode)) {
      const std::string why =
          known ? "not a regular file" : describe_errno(errno);
      ::close(fd_);
      throw TraceError(0, why);
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
    // Segments of a writer lie apart, but each is read in one go: only the
    // kernel's read-ahead within a segment matters, and that is the default.
  }
  // Takes over a descriptor of a file of that size.
  FileSource(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override { ::close(fd_); }

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  void set_size(std::uint64_t size) { size_ = size; }
  void look_again() override {
    struct stat status {};
    if (::fstat(fd_, &status) == 0)
      size_ = static_cast<std::uint64_t>(status.st_size);
  }
  [[nodiscard]] int descriptor() const { return fd_; }

  std::size_t read(std::uint64_t offset,
                   std::span<std::uint8_t> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const std::uint64_t at = offset + done;
      if (at > std::uint64_t{std::numeric_limits<off_t>::max()}) break;
      const ssize_t got = ::pread(fd_, out.data() + done, out.size() - done,
                                  static_cast<off_t>(at));
      if (got > 0) {
        done += static_cast<std::size_t>(got);
      } else if (got == 0) {
        break;
      } else if (errno != EINTR) {  // network file systems return EINTR
        throw TraceError(at, describe_errno(errno));
      }
    }
    return done;
  }

 private:
  int fd_;
  std::uint64_t size_ = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

  std::size_t read(std::uint64_t offset,
                   std::span<std::uint8_t> out) const override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t start = static_cast<std::size_t>(offset);
    const std::size_t count = std::min(out.size(), bytes_.size() - start);
    std::copy_n(bytes_.data() + start, count, out.data());
    return count;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

void write_all(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd, bytes.data(), bytes.size());
    if (done >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(done));
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(),
                              "temporary file for the trace");
    }
  }
}

// Returns how many bytes there were.
std::uint64_t copy_to_end(int from, int to) {
  std::vector<std::uint8_t> buffer(std::size_t{1} << 18);
  std::uint64_t size = 0;
  while (true) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got == 0) return size;
    if (got < 0) {
      if (errno == EINTR) continue;
      throw TraceError(size, describe_errno(errno));
    }
    const auto count = static_cast<std::size_t>(got);
    write_all(to, std::span(buffer).first(count));
    size += count;
  }
}

}  // namespace

std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path) {
  return std::make_unique<FileSource>(path, false);
}

std::unique_ptr<ByteSource> open_shared_file(
    const std::filesystem::path& path) {
  return std::make_unique<FileSource>(path, true);
}

std::unique_ptr<ByteSource> spool_pipe(int fd) {
  auto spool = std::make_unique<FileSource>(open_unlinked_file(), 0);
  const std::uint64_t size = copy_to_end(fd, spool->descriptor());
  spool->set_size(size);
  return spool;
}

std::unique_ptr<ByteSource> wrap_bytes(std::span<const std::uint8_t> bytes) {
  return std::make_unique<MemorySource>(bytes);
}

}  // namespace sagemem::decode
