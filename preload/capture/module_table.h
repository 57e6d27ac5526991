// SPDX-License-Identifier: Apache-2.0
//
// Which ELF files are mapped where, and telling the trace when that changes.
//
//   a thread sees a pc   -> resolve(pc): what the loader says is there, and
//   for the first time      is that what is known?  No: announce it
//   dlclose returned     -> revalidate(Files): is each still what it was?
//   the loader has       -> expect_change(): the next stack is not taken
//   allocated               before a revalidate(Files).  Loading always
//                           allocates, so this is how loading and unloading on
//                           glibc's own account (iconv, name services) shows
//                           before code at a used address can run
//   every 10 ms or so    -> revalidate(Ranges), for what only unloads
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

  // Visits (start, end) of what it keeps its entries in.
  template <typename Visit>
  void each_own_range(const Visit& visit) const noexcept {
    const auto entries = reinterpret_cast<std::uint64_t>(entries_);
    const auto objects = reinterpret_cast<std::uint64_t>(objects_);
    visit(entries, entries + kMaxModules * sizeof(Entry));
    visit(objects, objects + kMaxModules * sizeof(LoadedObject));
  }

  // Announces all that is loaded: at the start, while there is one thread.
  // What is loaded then stays: the loader never unloads what the program was
  // linked with.
  void announce_all() noexcept;

  // In a fork child: announces what the parent's table had, to a new listener
  // and under new numbers.  The loader is not asked.
  void inherit() noexcept;

  // The module around `pc`: address of its .eh_frame_hdr (0: none) in `header`.
  // False: not in any module that is known.
  [[nodiscard]] bool find(std::uint64_t pc,
                          std::uint64_t& header) const noexcept;

  // The same, after asking the loader whether that module is still there or
  // another has come.  Generated code belongs to no module, so the answer may
  // be false for good.
  bool resolve(std::uint64_t pc, std::uint64_t& header) noexcept;

  // Announces modules that are gone, or, with Files, are another file of the
  // same size at the same place by now (which takes a microsecond a module).
  enum class Thoroughness : std::uint8_t { Ranges, Files };
  void revalidate(Thoroughness how) noexcept;

  // Changes whenever a module has come or gone: what is known about code by
  // its address is to be forgotten then.  Odd: it may have changed, and
  // settle() is to be called first.
  [[nodiscard]] std::uint32_t generation() const noexcept {
    // Acquire: with the new number comes the new table.
    return generation_.load(std::memory_order_acquire);
  }

  // A call from the loader at `pc` was seen: it is at work.
  [[nodiscard]] bool is_of_loader(std::uint64_t pc) const noexcept {
    return pc - loader_start_ < loader_bytes_;
  }
  void expect_change() noexcept;
  // Finds out what has changed; returns the generation, which is even unless
  // the loader is still at work.  `in_loader`: the calling thread is that
  // loader, which will be back in its caller's code before new code can run.
  std::uint32_t settle(bool in_loader) noexcept;

  void abandon() noexcept;  // gives the memory back

  [[nodiscard]] bool is_full() const noexcept { return full_; }

 private:
  struct Entry {
    std::uint64_t start;
    std::uint64_t end;
    std::uint64_t header;  // .eh_frame_hdr
    std::uint64_t handle;  // LoadedObject::handle
    std::uint32_t number;
    std::uint32_t place;  // in objects_
    bool stays;           // can not be unloaded

    [[nodiscard]] bool is_at(const LoadedRange& range) const noexcept {
      return start == range.start && end == range.end &&
             header == range.header && handle == range.handle;
    }
  };

  [[nodiscard]] bool find_entry(std::uint64_t pc, Entry& out) const noexcept;
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
  std::atomic<std::uint32_t> generation_{2};
  // Changes of which it is not yet known what they were: while it counts up,
  // a revalidation that has begun does not clear the odd bit.
  std::atomic<std::uint32_t> expected_changes_{0};
  Entry* entries_ = nullptr;         // sorted by start
  LoadedObject* objects_ = nullptr;  // places 0 to kMaxModules - 1
  std::uint32_t places_used_ = 0;
  std::uint32_t next_number_ = 0;
  bool full_ = false;
  bool is_announcing_ = false;
  std::uint64_t loader_start_ = 0;
  std::uint64_t loader_bytes_ = 0;
};

}  // namespace sagemem
