// SPDX-License-Identifier: Apache-2.0
//
// Address space as a kind of memory of its own (SAGEMEM_MMAP=1).  Always
// exported, plain jumps when not asked for.
//
// The next definition is called, not the kernel: MPI libraries put hooks of
// their own there to keep their registration caches right.
//
// Not seen: what libc maps for itself (thread stacks, its own heap), because
// those calls do not go through symbols.
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

#include "intercept/hooks.h"

using sagemem::address_of;
using sagemem::g_real;
using sagemem::g_recorder;
using sagemem::trace::Api;
using sagemem::trace::Kind;

namespace {

bool is_wanted() noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  // Before the recorder starts, and inside the allocator or the recorder, it
  // is not the program that maps.
  return g_recorder.is_recording() && g_recorder.records_mmap() &&
         sagemem::t_state.is_idle();
}

void record(Kind kind, Api api, std::size_t bytes, std::uint64_t address,
            const sagemem::CallPoint& point) noexcept {
  const sagemem::ActivityScope scope(sagemem::Activity::Recording);
  g_recorder.on_block(kind, api, bytes, address, 0, point);
}

}  // namespace

SAGEMEM_EXPORT void* mmap(void* wish, std::size_t bytes, int protection,
                          int flags, int fd, off_t offset) noexcept {
  const bool wanted = is_wanted();
  void* made = g_real.mmap(wish, bytes, protection, flags, fd, offset);
  if (wanted && made != MAP_FAILED) {
    record(Kind::Map, Api::Mmap, bytes, address_of(made), SAGEMEM_CALL_POINT());
  }
  return made;
}

SAGEMEM_EXPORT void* mmap64(void* wish, std::size_t bytes, int protection,
                            int flags, int fd, off64_t offset) noexcept {
  const bool wanted = is_wanted();
  void* made = g_real.mmap64(wish, bytes, protection, flags, fd, offset);
  if (wanted && made != MAP_FAILED) {
    record(Kind::Map, Api::Mmap, bytes, address_of(made), SAGEMEM_CALL_POINT());
  }
  return made;
}

SAGEMEM_EXPORT int munmap(void* start, std::size_t bytes) noexcept {
  const bool wanted = is_wanted();
  // Before the call: afterwards the range may already be another thread's.
  if (wanted) {
    record(Kind::Unmap, Api::Munmap, bytes, address_of(start),
           SAGEMEM_CALL_POINT());
  }
  const int result = g_real.munmap(start, bytes);
  if (wanted && result != 0) {
    record(Kind::Map, Api::Munmap, bytes, address_of(start),
           SAGEMEM_CALL_POINT());
  }
  return result;
}

SAGEMEM_EXPORT void* mremap(void* start, std::size_t old_bytes,
                            std::size_t bytes, int flags, ...) noexcept {
  // The fifth argument is there with MREMAP_FIXED or MREMAP_DONTUNMAP only;
  // reading a register that was not set is harmless, and what the kernel does.
  va_list arguments;
  va_start(arguments, flags);
  void* target = va_arg(arguments, void*);
  va_end(arguments);
  const bool wanted = is_wanted();
  if (wanted) {
    record(Kind::Unmap, Api::Mremap, old_bytes, address_of(start),
           SAGEMEM_CALL_POINT());
  }
  void* made = g_real.mremap(start, old_bytes, bytes, flags, target);
  if (wanted) {
    const bool failed = made == MAP_FAILED;
    record(Kind::Map, Api::Mremap, failed ? old_bytes : bytes,
           address_of(failed ? start : made), SAGEMEM_CALL_POINT());
  }
  return made;
}

SAGEMEM_EXPORT void* sbrk(std::intptr_t step) noexcept {
  const bool wanted = is_wanted() && step != 0;
  void* before = g_real.sbrk(step);
  if (!wanted || address_of(before) == ~std::uint64_t{0}) return before;
  if (step > 0) {
    record(Kind::Map, Api::Brk, static_cast<std::size_t>(step),
           address_of(before), SAGEMEM_CALL_POINT());
  } else {
    const auto bytes = static_cast<std::size_t>(-step);
    record(Kind::Unmap, Api::Brk, bytes, address_of(before) - bytes,
           SAGEMEM_CALL_POINT());
  }
  return before;
}

SAGEMEM_EXPORT int brk(void* end) noexcept {
  const bool wanted = is_wanted();
  const std::uint64_t before = wanted ? address_of(g_real.sbrk(0)) : 0;
  const int result = g_real.brk(end);
  if (!wanted || result != 0) return result;
  const std::uint64_t after = address_of(end);
  if (after > before) {
    record(Kind::Map, Api::Brk, after - before, before, SAGEMEM_CALL_POINT());
  } else if (after < before) {
    record(Kind::Unmap, Api::Brk, before - after, after, SAGEMEM_CALL_POINT());
  }
  return result;
}
