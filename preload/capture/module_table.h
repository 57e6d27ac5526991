// SPDX-License-Identifier: Apache-2.0
//
// Which ELF files are mapped where, and telling the trace when that changes.
//
//   a thread sees a pc   -> find(pc)?  yes: nothing to do
//   for the first time      no: refresh() asks the loader and announces
//   dlclose returned     -> refresh()
//   every 10 ms or so    -> refresh_if_changed(): glibc unloads libraries on
//                           its own account too (iconv, NSS)
//
// dlopen is not hooked: the loader takes the library search path from the
// caller of dlopen, and that must stay the target's code.
//
// Hazard: refresh() calls into the loader, which takes its lock; a thread in
// dlopen holds that lock while it allocates.  So no lock of ours is held
// then: what the loader says is collected first and compared afterwards.
#pragma once

#include <link.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "platform/spin_lock.h"
#include "sagemem/trace/format.h"

namespace sagemem {

struct ModuleFacts {
  std::uint32_t number;
  std::uint64_t flags;  // kModuleIs...
  std::uint64_t bias;
  std::uint64_t start;
  std::uint64_t end;
  const std::uint8_t* build_id;
  std::uint32_t build_id_bytes;
  const char* path;
};

// Who is told, with the table's lock held: must not call the loader.  Plain
// functions: virtual ones would need parts of a C++ runtime that is not here.
struct ModuleListener {
  void* context;
  void (*loaded)(void* context, const ModuleFacts& facts) noexcept;
  void (*unloaded)(void* context, std::uint32_t number) noexcept;
};

class ModuleTable {
 public:
  static constexpr std::uint32_t kMaxModules = 4096;

  // False: no memory.
  bool prepare() noexcept;

  void set_listener(const ModuleListener& listener) noexcept {
    listener_ = listener;
  }

  // The module around `pc`: address of its .eh_frame_hdr (0: none) in `header`.
  // False: not in any module that is known.
  [[nodiscard]] bool find(std::uint64_t pc,
                          std::uint64_t& header) const noexcept;

  // find(), and if that fails once more after asking the loader.  Generated
  // code belongs to no module, so the answer may be false for good.
  bool resolve(std::uint64_t pc, std::uint64_t& header) noexcept;

  // Compares with the loader's list and announces what came and went.
  void refresh() noexcept;

  // The same, if the loader's counters moved since the last time.
  void refresh_if_changed() noexcept;

  // Changes whenever a module has come or gone: what is known about code by
  // its address is to be forgotten then.
  [[nodiscard]] std::uint32_t generation() const noexcept {
    // Acquire: with the new number comes the new table.
    return generation_.load(std::memory_order_acquire);
  }

  // In a fork child: gives the memory back; announces nothing.
  void abandon() noexcept;

  [[nodiscard]] bool is_full() const noexcept { return full_; }

 private:
  struct Entry {
    std::uint64_t start;
    std::uint64_t end;
    std::uint64_t bias;
    std::uint64_t header;    // .eh_frame_hdr
    std::uint64_t identity;  // of path and build id, to notice a replacement
    std::uint32_t number;
    std::uint32_t round;     // the last refresh that saw it
  };
  struct Seen;
  struct Collector;

  static int collect(dl_phdr_info* info, std::size_t size,
                     void* data) noexcept;
  static int count(dl_phdr_info* info, std::size_t size,
                   void* data) noexcept;
  bool merge(const Seen& seen) noexcept;
  bool remove_unseen() noexcept;
  void insert(const Entry& entry) noexcept;

  ModuleListener listener_{};
  SpinLock lock_;
  // Readers of entries_ retry when the version is odd or has changed.
  std::atomic<std::uint32_t> version_{0};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> generation_{1};
  Entry* entries_ = nullptr;  // sorted by start
  std::uint32_t next_number_ = 0;
  std::uint32_t round_ = 0;
  std::atomic<std::uint64_t> loader_changes_{0};  // adds + subs last seen
  bool full_ = false;
};

}  // namespace sagemem
