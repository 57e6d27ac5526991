// SPDX-License-Identifier: Apache-2.0
#include "capture/module_table.h"

#include <sys/auxv.h>

#include <algorithm>
#include <new>

#include "platform/pages.h"

namespace sagemem {

bool ModuleTable::prepare() noexcept {
  // Address space for the worst case, touched as far as modules reach.
  entries_ = static_cast<Entry*>(take_pages(kMaxModules * sizeof(Entry)));
  objects_ = static_cast<LoadedObject*>(
      take_pages(kMaxModules * sizeof(LoadedObject)));
  return entries_ != nullptr && objects_ != nullptr;
}

void ModuleTable::abandon() noexcept {
  give_pages(entries_, kMaxModules * sizeof(Entry));
  give_pages(objects_, kMaxModules * sizeof(LoadedObject));
}

void ModuleTable::announce_all() noexcept {
  static std::uint64_t addresses[kMaxModules];
  const std::uint32_t count = list_loaded_objects(addresses, kMaxModules);
  is_announcing_ = true;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint64_t header = 0;
    resolve(addresses[i], header);
  }
  is_announcing_ = false;
  LoadedRange loader{};
  if (find_loaded_range(getauxval(AT_BASE), loader)) {
    loader_start_ = loader.start;
    loader_bytes_ = loader.end - loader.start;
  }
}

void ModuleTable::inherit() noexcept {
  // A thread of the parent may have been at work on the table, or have held its
  // lock: then it is not used, and modules are found again one by one.
  new (&lock_) SpinLock;
  if ((version_.load(std::memory_order_relaxed) & 1) != 0) {
    version_.store(0, std::memory_order_relaxed);
    count_.store(0, std::memory_order_relaxed);
  }
  next_number_ = 0;
  const std::uint32_t count = count_.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    entries_[i].number = next_number_++;
    listener_.loaded(listener_.context, entries_[i].number,
                     objects_[entries_[i].place]);
  }
  generation_.fetch_add(2, std::memory_order_release);
}

bool ModuleTable::find(std::uint64_t pc, std::uint64_t& header) const noexcept {
  Entry entry{};
  if (!find_entry(pc, entry)) return false;
  header = entry.header;
  return true;
}

bool ModuleTable::find_entry(std::uint64_t pc, Entry& out) const noexcept {
  for (;;) {
    // Acquire: the entries read below are not older than this version.
    const std::uint32_t version = version_.load(std::memory_order_acquire);
    const Entry* first = entries_;
    std::uint32_t left = count_.load(std::memory_order_relaxed);
    bool found = false;
    while (left > 0 && !found) {
      const std::uint32_t half = left / 2;
      // Entries may change under us; what is read is used only if the version
      // stood still.
      const Entry entry = first[half];
      if (pc >= entry.end) {
        first += half + 1;
        left -= half + 1;
      } else if (pc < entry.start) {
        left = half;
      } else {
        out = entry;
        found = true;
      }
    }
    // The reads above must be done before the version is read again.
    std::atomic_thread_fence(std::memory_order_acquire);
    if ((version & 1) == 0 &&
        version_.load(std::memory_order_relaxed) == version) {
      return found;
    }
    system_call(SYS_sched_yield);
  }
}

bool ModuleTable::resolve(std::uint64_t pc, std::uint64_t& header) noexcept {
  Entry entry{};
  const bool is_known = find_entry(pc, entry);
  LoadedRange now{};
  if (is_known && !is_loader_asked_freely()) {
    header = entry.header;
    return true;
  }
  if (!find_loaded_range(pc, now)) {
    if (is_known) revalidate(Thoroughness::Ranges);
    return false;
  }
  header = now.header;
  if (is_known && entry.is_at(now)) return true;
  LoadedObject object;
  // Closed by another thread in between: then no frame is in it, either.
  if (!find_loaded_object(pc, object)) return false;
  SpinGuard guard(lock_);
  add(object);
  return true;
}

void ModuleTable::expect_change() noexcept {
  SpinGuard guard(lock_);
  expected_changes_.fetch_add(1, std::memory_order_relaxed);
  // Release: whoever gets to run new code, by whatever way, sees it odd.
  generation_.fetch_or(1, std::memory_order_release);
}

std::uint32_t ModuleTable::settle(bool in_loader) noexcept {
  const std::uint32_t before =
      expected_changes_.load(std::memory_order_acquire);
  revalidate(in_loader ? Thoroughness::Ranges : Thoroughness::Files);
  SpinGuard guard(lock_);
  if (!in_loader &&
      expected_changes_.load(std::memory_order_relaxed) == before) {
    generation_.fetch_and(~1u, std::memory_order_release);
  }
  return generation();
}

// Reads entries like find() does, without the lock: a torn one is compared for
// nothing, and never removed, because its number is looked up again.
void ModuleTable::revalidate(Thoroughness how) noexcept {
  for (std::uint32_t i = count_.load(std::memory_order_relaxed); i-- > 0;) {
    const Entry entry = entries_[i];
    if (is_still_there(entry, how)) continue;
    SpinGuard guard(lock_);
    Entry* at = first_ending_after(entry.start);
    if (at != entries_ + count_.load(std::memory_order_relaxed) &&
        at->number == entry.number) {
      remove(static_cast<std::uint32_t>(at - entries_));
    }
  }
}

bool ModuleTable::is_still_there(const Entry& entry,
                                 Thoroughness how) const noexcept {
  if (entry.stays) return true;
  LoadedRange range{};
  if (!find_loaded_range(entry.start, range) || !entry.is_at(range)) {
    return false;
  }
  return how == Thoroughness::Ranges ||
         is_still_that_file(objects_[entry.place]);
}

ModuleTable::Entry* ModuleTable::first_ending_after(
    std::uint64_t address) noexcept {
  return std::lower_bound(
      entries_, entries_ + count_.load(std::memory_order_relaxed), address,
      [](const Entry& entry, std::uint64_t a) { return entry.end <= a; });
}

// With the lock held.  What stands at the object's place is gone: the loader
// has just said that this object is there.
void ModuleTable::add(const LoadedObject& object) noexcept {
  Entry* at = first_ending_after(object.start);
  while (at != entries_ + count_.load(std::memory_order_relaxed) &&
         at->start < object.end) {
    const LoadedObject& known = objects_[at->place];
    if (known.start == object.start && known.end == object.end &&
        known.handle == object.handle &&
        known.identity() == object.identity()) {
      return;  // another thread was first
    }
    remove(static_cast<std::uint32_t>(at - entries_));
  }
  const std::uint32_t count = count_.load(std::memory_order_relaxed);
  if (count == kMaxModules) {
    full_ = true;
    return;
  }
  // Behind the entries in use stand removed ones, for their places.
  const std::uint32_t place =
      count < places_used_ ? entries_[count].place : places_used_++;
  objects_[place] = object;
  const std::uint32_t number = next_number_++;
  listener_.loaded(listener_.context, number, object);
  insert({object.start, object.end, object.header, object.handle, number, place,
          is_announcing_});
}

void ModuleTable::insert(const Entry& entry) noexcept {
  const std::uint32_t count = count_.load(std::memory_order_relaxed);
  version_.fetch_add(1, std::memory_order_acq_rel);
  std::uint32_t i = count;
  for (; i > 0 && entries_[i - 1].start > entry.start; --i) {
    entries_[i] = entries_[i - 1];
  }
  entries_[i] = entry;
  count_.store(count + 1, std::memory_order_relaxed);
  // Release: a reader that sees the even version sees the entries.
  version_.fetch_add(1, std::memory_order_release);
  generation_.fetch_add(2, std::memory_order_release);
}

void ModuleTable::remove(std::uint32_t index) noexcept {
  const std::uint32_t count = count_.load(std::memory_order_relaxed);
  listener_.unloaded(listener_.context, entries_[index].number);
  version_.fetch_add(1, std::memory_order_acq_rel);
  const Entry removed = entries_[index];
  for (std::uint32_t i = index; i + 1 < count; ++i) {
    entries_[i] = entries_[i + 1];
  }
  entries_[count - 1] = removed;
  count_.store(count - 1, std::memory_order_relaxed);
  version_.fetch_add(1, std::memory_order_release);
  generation_.fetch_add(2, std::memory_order_release);
}

}  // namespace sagemem
