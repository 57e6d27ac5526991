// SPDX-License-Identifier: Apache-2.0
//
// One ELF file in memory, as the loader knows it.
//
// _dl_find_object (glibc 2.35) answers without a lock, at any time.  With an
// older glibc the loader's list is walked under the loader's lock.  That lock
// may be held for ever in a child that was forked while another thread was in
// dlopen: there the list is not asked.
#pragma once

#include <cstdint>

#include "sagemem/trace/format.h"

namespace sagemem {

struct LoadedObject {
  std::uint64_t start;  // addresses covered, [start, end)
  std::uint64_t end;
  std::uint64_t bias;    // address = bias + ELF virtual address
  std::uint64_t header;  // .eh_frame_hdr, 0: none
  std::uint64_t handle;  // the loader's, may be used again; 0: not known
  std::uint64_t flags;   // kModuleIs...
  std::uint8_t build_id[trace::kMaxBuildIdBytes];
  std::uint32_t build_id_bytes;
  std::uint64_t build_id_at;  // address of it, 0: none
  char path[512];             // absolute, as far as it can be known

  // Tells a file from another that is mapped at the same place later.
  [[nodiscard]] std::uint64_t identity() const noexcept;
};

// The object that `address` lies in.  False: none, or it can not be known.
bool find_loaded_object(std::uint64_t address, LoadedObject& out) noexcept;

// The same without its name and notes: no system call.
struct LoadedRange {
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t header;
  std::uint64_t handle;
};
bool find_loaded_range(std::uint64_t address, LoadedRange& out) noexcept;

// At the place of `known`, where an object is, is no other one of the same
// size.  Some 300 ns.
bool is_still_that_file(const LoadedObject& known) noexcept;

// The loader answers at once, at any time, and without a lock.
bool is_loader_asked_freely() noexcept;

// An address in each object of the process, through the loader's list and under
// its lock: only while there is one thread.
std::uint32_t list_loaded_objects(std::uint64_t* addresses,
                                  std::uint32_t capacity) noexcept;

// This process was forked: the loader's lock is not to be trusted.
void avoid_loader_lock() noexcept;

// The loader may be called (by libunwind, too) without risk of a lock that
// nobody will ever open.
bool may_call_loader() noexcept;

}  // namespace sagemem
