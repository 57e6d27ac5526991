// SPDX-License-Identifier: Apache-2.0
#include "capture/module_table.h"

#include <elf.h>
#include <link.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "platform/pages.h"
#include "platform/text_buffer.h"

namespace sagemem {

// One module as the loader shows it.  Copied out of the callback: the strings
// may go as soon as the loader's lock is free.
struct ModuleTable::Seen {
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t bias;
  std::uint64_t header;
  std::uint64_t flags;
  std::uint8_t build_id[trace::kMaxBuildIdBytes];
  std::uint32_t build_id_bytes;
  char path[512];

  [[nodiscard]] std::uint64_t identity() const noexcept {
    return XXH3_64bits_withSeed(build_id, build_id_bytes,
                                XXH3_64bits(path, std::strlen(path)));
  }
};

struct ModuleTable::Collector {
  Seen* seen;
  std::uint32_t capacity;
  std::uint32_t count;
  std::uint64_t changes;
};

namespace {

void find_build_id(const dl_phdr_info& info, const ElfW(Phdr) & header,
                   std::uint8_t* out, std::uint32_t& bytes) noexcept {
  const auto* at =
      reinterpret_cast<const char*>(info.dlpi_addr + header.p_vaddr);
  const char* const end = at + header.p_memsz;
  const std::size_t align = header.p_align == 8 ? 8 : 4;
  const auto padded = [align](std::size_t n) {
    return (n + align - 1) / align * align;
  };
  while (static_cast<std::size_t>(end - at) >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof note);
    const std::size_t name = sizeof note;
    const std::size_t data = name + padded(note.n_namesz);
    const std::size_t next = data + padded(note.n_descsz);
    if (next > static_cast<std::size_t>(end - at)) return;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
        std::memcmp(at + name, "GNU", 4) == 0) {
      bytes = std::min<std::uint32_t>(note.n_descsz, trace::kMaxBuildIdBytes);
      std::memcpy(out, at + data, bytes);
      return;
    }
    at += next;
  }
}

// The executable has no name in the loader's list, and a library opened by a
// relative path has that path: both become absolute now, while they can.
void set_path(const char* name, char* out, std::size_t capacity) noexcept {
  std::size_t used = 0;
  if (*name == '\0') {
    const long got =
        system_call(SYS_readlinkat, -100, "/proc/self/exe", out, capacity - 1);
    if (!is_error(got)) used = static_cast<std::size_t>(got);
  } else {
    if (*name != '/' && std::strchr(name, '/') != nullptr) {
      const long got = system_call(SYS_getcwd, out, capacity - 1);
      // The kernel counts the terminating null byte.
      if (!is_error(got) && got > 1) {
        used = static_cast<std::size_t>(got) - 1;
        out[used++] = '/';
      }
    }
    const std::size_t length = std::min(std::strlen(name), capacity - 1 - used);
    std::memcpy(out + used, name, length);
    used += length;
  }
  out[used] = '\0';
}

void own_address() noexcept {}

}  // namespace

bool ModuleTable::prepare() noexcept {
  entries_ = static_cast<Entry*>(take_pages(kMaxModules * sizeof(Entry)));
  return entries_ != nullptr;
}

void ModuleTable::abandon() noexcept {
  give_pages(entries_, kMaxModules * sizeof(Entry));
}

bool ModuleTable::find(std::uint64_t pc,
                       std::uint64_t& header) const noexcept {
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
        header = entry.header;
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
  if (find(pc, header)) return true;
  refresh_if_changed();
  return find(pc, header);
}

int ModuleTable::count(dl_phdr_info* info, std::size_t size,
                       void* data) noexcept {
  if (size >= offsetof(dl_phdr_info, dlpi_subs) + sizeof(info->dlpi_subs)) {
    *static_cast<std::uint64_t*>(data) = info->dlpi_adds + info->dlpi_subs;
  }
  return 1;  // the counters are the same in every entry: stop at the first
}

int ModuleTable::collect(dl_phdr_info* info, std::size_t size,
                         void* data) noexcept {
  auto& out = *static_cast<Collector*>(data);
  count(info, size, &out.changes);
  if (out.count == out.capacity) return 1;
  Seen& seen = out.seen[out.count];
  seen.bias = info->dlpi_addr;
  seen.start = ~std::uint64_t{0};
  seen.end = 0;
  seen.flags = 0;
  seen.header = 0;
  seen.build_id_bytes = 0;
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type == PT_LOAD) {
      const std::uint64_t start = info->dlpi_addr + header.p_vaddr;
      seen.start = std::min(seen.start, start);
      seen.end = std::max(seen.end, start + header.p_memsz);
    } else if (header.p_type == PT_GNU_EH_FRAME) {
      seen.header = info->dlpi_addr + header.p_vaddr;
    } else if (header.p_type == PT_NOTE && seen.build_id_bytes == 0) {
      find_build_id(*info, header, seen.build_id, seen.build_id_bytes);
    }
  }
  if (seen.start >= seen.end) return 0;
  set_path(info->dlpi_name, seen.path, sizeof seen.path);
  if (*info->dlpi_name == '\0' && out.count == 0) {
    seen.flags |= trace::kModuleIsExecutable;
  }
  const auto own = reinterpret_cast<std::uint64_t>(&own_address);
  if (own >= seen.start && own < seen.end) {
    seen.flags |= trace::kModuleIsRecorder;
  }
  ++out.count;
  return 0;
}

void ModuleTable::refresh() noexcept {
  const std::size_t bytes = kMaxModules * sizeof(Seen);
  // Address space for the worst case; touched as far as modules reach.
  auto* seen = static_cast<Seen*>(take_pages(bytes));
  if (seen == nullptr) return;
  Collector collector{seen, kMaxModules, 0, 0};
  dl_iterate_phdr(&collect, &collector);
  {
    SpinGuard guard(lock_);
    ++round_;
    bool changed = false;
    for (std::uint32_t i = 0; i < collector.count; ++i) {
      changed |= merge(seen[i]);
    }
    if (remove_unseen()) {
      changed = true;
      // What stands where a module was that is gone was not taken in above.
      for (std::uint32_t i = 0; i < collector.count; ++i) merge(seen[i]);
    }
    loader_changes_.store(collector.changes, std::memory_order_relaxed);
    // Release: whoever sees the new number sees the new table.
    if (changed) generation_.fetch_add(1, std::memory_order_release);
  }
  give_pages(seen, bytes);
}

void ModuleTable::refresh_if_changed() noexcept {
  std::uint64_t changes = 0;
  dl_iterate_phdr(&count, &changes);
  if (changes != loader_changes_.load(std::memory_order_relaxed)) refresh();
}

// Marks the module as seen, or announces it (true), unless something that is
// not yet known to be gone stands at its place.
bool ModuleTable::merge(const Seen& seen) noexcept {
  const std::uint32_t count = count_.load(std::memory_order_relaxed);
  Entry* const end = entries_ + count;
  Entry* at = std::lower_bound(
      entries_, end, seen.start,
      [](const Entry& entry, std::uint64_t start) { return entry.end <= start; });
  const std::uint64_t identity = seen.identity();
  if (at != end && at->start < seen.end) {
    if (at->start == seen.start && at->end == seen.end &&
        at->bias == seen.bias && at->identity == identity) {
      at->round = round_;
    }
    return false;
  }
  if (count == kMaxModules) {
    full_ = true;
    return false;
  }
  const std::uint32_t number = next_number_++;
  listener_.loaded(listener_.context,
                   {number, seen.flags, seen.bias, seen.start, seen.end,
                    seen.build_id, seen.build_id_bytes, seen.path});
  insert({seen.start, seen.end, seen.bias, seen.header, identity, number,
          round_});
  return true;
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
}

bool ModuleTable::remove_unseen() noexcept {
  const std::uint32_t count = count_.load(std::memory_order_relaxed);
  std::uint32_t kept = 0;
  version_.fetch_add(1, std::memory_order_acq_rel);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (entries_[i].round == round_) {
      entries_[kept++] = entries_[i];
    } else {
      listener_.unloaded(listener_.context, entries_[i].number);
    }
  }
  count_.store(kept, std::memory_order_relaxed);
  version_.fetch_add(1, std::memory_order_release);
  return kept != count;
}

}  // namespace sagemem
