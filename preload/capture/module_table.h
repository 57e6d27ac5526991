// SPDX-License-Identifier: Apache-2.0
//
// Which ELF files are mapped where, and telling the trace when that changes.
//
//   a thread sees a pc   -> find(pc)?  yes: nothing to do
//   for the first time      no: ask the loader, announce what is there
//   dlclose returned     -> revalidate(Files): is each still what it was?
//   every 10 ms or so    -> revalidate(Ranges): glibc unloads libraries on its
//                           own account too (iconv)
//
// dlopen is not hooked: the loader takes the library search path from the
// caller of dlopen, and that must stay the target's code.
//
// Hazard: no lock of ours is held while the loader is asked.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "capture/loaded_object.h"
#include "platform/spin_lock.h"

namespace sagemem {

// Who is told, with the table's lock held: must not call the loader.  Plain
// functions: virtual ones would need parts of a C++ runtime that is not here.
struct ModuleListener {
  void* context;
  void (*loaded)(void* context, std::uint32_t number,
                 const LoadedObject& object) noexcept;
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

  // Announces all that is loaded: at the start, while there is one thread.
  void announce_all() noexcept;

  // In a fork child: announces what the parent's table had, to a new listener
  // and under new numbers.  The loader is not asked.
  void inherit() noexcept;

  // The module around `pc`: address of its .eh_frame_hdr (0: none) in `header`.
  // False: not in any module that is known.
  [[nodiscard]] bool find(std::uint64_t pc,
                          std::uint64_t& header) const noexcept;

  // find(), and if that fails once more after asking the loader.  Generated
  // code belongs to no module, so the answer may be false for good.
  bool resolve(std::uint64_t pc, std::uint64_t& header) noexcept;

  // Announces modules that are gone, or, with Files, are another file of the
  // same size at the same place by now (which takes a microsecond a module).
  enum class Thoroughness : std::uint8_t { Ranges, Files };
  void revalidate(Thoroughness how) noexcept;

  // Changes whenever a module has come or gone: what is known about code by
  // its address is to be forgotten then.
  [[nodiscard]] std::uint32_t generation() const noexcept {
    // Acquire: with the new number comes the new table.
    return generation_.load(std::memory_order_acquire);
  }

  void abandon() noexcept;  // gives the memory back

  [[nodiscard]] bool is_full() const noexcept { return full_; }

 private:
  struct Entry {
    std::uint64_t start;
    std::uint64_t end;
    std::uint64_t header;  // .eh_frame_hdr
    std::uint32_t number;
    std::uint32_t place;  // in objects_
  };

  bool is_still_there(const Entry& entry, Thoroughness how) const noexcept;
  void add(const LoadedObject& object) noexcept;
  void insert(const Entry& entry) noexcept;
  void remove(std::uint32_t index) noexcept;
  Entry* first_ending_after(std::uint64_t address) noexcept;

  ModuleListener listener_{};
  SpinLock lock_;
  // Readers of entries_ retry when the version is odd or has changed.
  std::atomic<std::uint32_t> version_{0};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> generation_{1};
  Entry* entries_ = nullptr;         // sorted by start
  LoadedObject* objects_ = nullptr;  // places 0 to kMaxModules - 1
  std::uint32_t places_used_ = 0;
  std::uint32_t next_number_ = 0;
  bool full_ = false;
};

}  // namespace sagemem
