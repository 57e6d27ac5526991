// SPDX-License-Identifier: Apache-2.0
#include "scope/code_pages.h"

#include <linux/membarrier.h>
#include <sys/mman.h>

#include <cstring>

#include "platform/system_call.h"

namespace sagemem {

namespace {

constexpr std::uint64_t kReach = std::uint64_t{1} << 30;
constexpr std::uint64_t kFineStep = 64 * 1024;
constexpr std::uint64_t kFineReach = 64 * 1024 * 1024;
constexpr std::uint64_t kCoarseStep = 4 * 1024 * 1024;
constexpr std::uint64_t kLowest = 64 * 1024;  // vm.mmap_min_addr
// Room for the heap above the executable.
constexpr std::uint64_t kHeapRoom = kReach / 2;
constexpr std::uint64_t kPage = 4096;

std::uint8_t* try_at(std::uint64_t address, std::size_t bytes) noexcept {
  const long result =
      system_call(SYS_mmap, address, bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (is_error(result)) return nullptr;
  if (static_cast<std::uint64_t>(result) == address) {
    return reinterpret_cast<std::uint8_t*>(result);
  }
  // Before Linux 4.17 the address was a hint.
  system_call(SYS_munmap, result, bytes);
  return nullptr;
}

// 16 aligned bytes around `address`, all at once.
bool store_at_once(std::uint64_t address, const std::uint8_t* bytes,
                   std::size_t count) noexcept {
#if defined(__x86_64__)
  if (address % 8 + count <= 8) {
    auto* const word = reinterpret_cast<std::uint64_t*>(address & ~7ull);
    std::uint64_t value = *word;
    std::memcpy(reinterpret_cast<char*>(&value) + address % 8, bytes, count);
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
    return true;
  }
  if (address % 16 + count > 16) return false;
  struct alignas(16) Pair {
    std::uint64_t low;
    std::uint64_t high;
  };
  auto* const pair = reinterpret_cast<Pair*>(address & ~15ull);
  const Pair before = *pair;
  Pair after = before;
  std::memcpy(reinterpret_cast<char*>(&after) + address % 16, bytes, count);
  std::uint64_t low = before.low;
  std::uint64_t high = before.high;
  bool stored = false;
  // In every x86-64 processor but the very first ones.
  __asm__ volatile("lock cmpxchg16b %1"
                   : "=@ccz"(stored), "+m"(*pair), "+a"(low), "+d"(high)
                   : "b"(after.low), "c"(after.high)
                   : "memory");
  return stored;
#else
  (void)address;
  (void)bytes;
  (void)count;
  return false;
#endif
}

}  // namespace

std::uint8_t* take_code_pages(std::uint64_t start, std::uint64_t end,
                              std::size_t bytes) noexcept {
  const std::uint64_t size = (bytes + kPage - 1) & ~(kPage - 1);
  const std::uint64_t top = start & ~(kFineStep - 1);
  const std::uint64_t step_limit = end - start < kReach ? kReach : 0;
  for (std::uint64_t below = kFineStep; below < step_limit;
       below += below < kFineReach ? kFineStep : kCoarseStep) {
    if (top < below + kLowest + size) break;
    std::uint8_t* pages = try_at(top - below, size);
    if (pages != nullptr) return pages;
  }
  for (std::uint64_t above = kHeapRoom; above < step_limit;
       above += kCoarseStep) {
    const std::uint64_t at = (end + above) & ~(kFineStep - 1);
    std::uint8_t* pages = try_at(at, size);
    if (pages != nullptr) return pages;
  }
  return nullptr;
}

bool seal_code_pages(std::uint8_t* pages, std::size_t bytes) noexcept {
  const std::uint64_t size = (bytes + kPage - 1) & ~(kPage - 1);
  return system_call(SYS_mprotect, pages, size, PROT_READ | PROT_EXEC) == 0;
}

void give_code_pages(std::uint8_t* pages, std::size_t bytes) noexcept {
  if (pages == nullptr) return;
  system_call(SYS_munmap, pages, (bytes + kPage - 1) & ~(kPage - 1));
}

PatchResult patch_code(std::uint64_t address, const std::uint8_t* bytes,
                       std::size_t count, int protection,
                       bool is_alone) noexcept {
  const std::uint64_t first = address & ~(kPage - 1);
  const std::uint64_t size =
      ((address + count + kPage - 1) & ~(kPage - 1)) - first;
  // Executable all the while: this very page may be needed by someone.
  if (system_call(SYS_mprotect, first, size,
                  PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
    return PatchResult::Refused;
  }
  bool done = store_at_once(address, bytes, count);
  if (!done && is_alone) {
    std::memcpy(reinterpret_cast<void*>(address), bytes, count);
    done = true;
  }
  system_call(SYS_mprotect, first, size, protection);
  if (!is_alone) {
    // Other processors fetch it anew (membarrier(2)).  Before Linux 4.16 the
    // change of protection has to do: it interrupts them, too.
    system_call(SYS_membarrier,
                MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
    system_call(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0,
                0);
  }
  return done ? PatchResult::Done : PatchResult::NotAlone;
}

}  // namespace sagemem
