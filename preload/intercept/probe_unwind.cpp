// SPDX-License-Identifier: Apache-2.0
//
// Exceptions and the ends of threads that pass the frame of a stub: the
// personality routines that the stubs' unwind information names (Itanium C++
// ABI: Exception Handling, 1.6.2).
#include <atomic>
#include <cstdint>

#include "capture/loaded_object.h"
#include "platform/errno_keeper.h"
#include "scope/elf_image.h"
#include "scope/probe_frame.h"
#include "scope/symbols.h"
#include "session/thread_state.h"

namespace {

using GetCfa = std::uint64_t (*)(void* context);

constexpr char kGetCfa[] = "_Unwind_GetCFA";
constexpr int kCleanupPhase = 2;
constexpr int kContinueUnwind = 8;

// Of the unwinder at work: there may be several, and we are linked to none.
// Its file is searched, because dlsym could allocate.
GetCfa find_get_cfa(const void* caller) noexcept {
  const auto address = reinterpret_cast<std::uint64_t>(caller);
  static std::atomic<std::uint64_t> known_start{0};
  static std::atomic<std::uint64_t> known{0};
  sagemem::LoadedRange range{};
  if (!sagemem::find_loaded_range(address, range)) {
    return nullptr;
  }
  // Acquire: with the start comes the address.  Of two threads with different
  // unwinders one searches again.
  const std::uint64_t before = known.load(std::memory_order_acquire);
  if (known_start.load(std::memory_order_acquire) == range.start &&
      before - range.start < range.end - range.start) {
    return reinterpret_cast<GetCfa>(before);
  }
  sagemem::LoadedObject object;
  sagemem::ElfImage image;
  sagemem::SymbolMatch match;
  match.name = {kGetCfa, sizeof kGetCfa - 1};
  if (!sagemem::find_loaded_object(address, object) ||
      !image.open(object.path)) {
    return nullptr;
  }
  sagemem::find_symbols(image, &match, 1);
  if (match.function_count == 0) return nullptr;
  const std::uint64_t found = object.bias + match.functions[0].address;
  known.store(found, std::memory_order_release);
  known_start.store(range.start, std::memory_order_release);
  return reinterpret_cast<GetCfa>(found);
}

// `copied`: what the stub has between its stack pointer and the frame.
int unwind(int actions, void* context, std::uint64_t copied,
           const void* caller) noexcept {
  if ((actions & kCleanupPhase) == 0) return kContinueUnwind;
  const sagemem::ErrnoKeeper keeper;
  GetCfa get_cfa = nullptr;
  {
    const sagemem::ActivityScope scope(sagemem::Activity::Recording);
    get_cfa = find_get_cfa(caller);
  }
  if (get_cfa == nullptr) return kContinueUnwind;
  sagemem_on_probe_unwound(
      reinterpret_cast<sagemem::ProbeFrame*>(get_cfa(context) + copied));
  return kContinueUnwind;
}

}  // namespace

// The personality routines of the stubs.
extern "C" {
__attribute__((visibility("hidden"), used)) int sagemem_probe_personality(
    int, int actions, std::uint64_t, void*, void* context) noexcept {
  return unwind(actions, context, 0, __builtin_return_address(0));
}
__attribute__((visibility("hidden"), used)) int sagemem_probe_personality_words(
    int, int actions, std::uint64_t, void*, void* context) noexcept {
  constexpr std::uint64_t kCopied = 256;
  return unwind(actions, context, kCopied, __builtin_return_address(0));
}
}
