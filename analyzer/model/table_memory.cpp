// SPDX-License-Identifier: Apache-2.0
#include "model/table_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "decode/unlinked_file.h"

namespace sagemem::model {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
// From here on the last page, which is used in part, hardly counts.
constexpr std::size_t kLarge = std::size_t{8} << 20;

// A shared mapping of a file that has its blocks: a full disk is said here, and
// is no SIGBUS later.
void* map_file(std::size_t bytes) {
  const int fd = decode::open_unlinked_file();
  const int error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  void* const memory =
      error != 0
          ? MAP_FAILED
          : ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "temporary file");
  }
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return memory;
}

}  // namespace

TableMemory::TableMemory(std::size_t bytes, bool is_in_file)
    : is_in_file_(is_in_file) {
  if (is_in_file) {
    mapping_ = start_ = map_file(bytes);
    mapped_bytes_ = bytes;
    return;
  }
  mapped_bytes_ = bytes < kLarge ? bytes : bytes + kHugePage;
  mapping_ = ::mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping_ == MAP_FAILED) throw std::bad_alloc();
  start_ = mapping_;
  if (bytes < kLarge) return;
  const auto address = reinterpret_cast<std::uintptr_t>(mapping_);
  start_ = static_cast<char*>(mapping_) +
           ((kHugePage - address % kHugePage) % kHugePage);
  // Advice: where it is not taken, small pages do.
  ::madvise(start_, bytes, MADV_HUGEPAGE);
}

TableMemory::~TableMemory() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_bytes_);
}

void TableMemory::swap(TableMemory& other) noexcept {
  std::swap(start_, other.start_);
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(is_in_file_, other.is_in_file_);
}

void TableMemory::trim() const {
  ::madvise(mapping_, mapped_bytes_, MADV_DONTNEED);
}

std::uint64_t resident_bytes() {
  // proc_pid_statm(5): pages; the second number is what is resident.
  static const int fd = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  std::array<char, 64> text{};
  const ssize_t got = fd < 0 ? -1 : ::pread(fd, text.data(), text.size(), 0);
  if (got <= 0) return 0;
  const char* const end = text.data() + got;
  const auto* const space = static_cast<const char*>(
      std::memchr(text.data(), ' ', static_cast<std::size_t>(got)));
  std::uint64_t pages = 0;
  if (space == nullptr ||
      std::from_chars(space + 1, end, pages).ec != std::errc()) {
    return 0;
  }
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace sagemem::model
