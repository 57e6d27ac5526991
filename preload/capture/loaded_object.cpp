// SPDX-License-Identifier: Apache-2.0
#include "capture/loaded_object.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>

#include "platform/careful_read.h"
#include "platform/system_call.h"

// Weak: glibc before 2.35 has no such function.
extern "C" int _dl_find_object(void* address, dl_find_object* result) noexcept
    __attribute__((weak));

namespace sagemem {

namespace {

// What is read at a time of a list of program headers.  Few programs have more.
constexpr unsigned kHeadersAtOnce = 16;
constexpr unsigned kMaxHeaders = 256;
constexpr int kMaxNotes = 64;

std::atomic<bool> g_avoid_loader_lock{false};

void own_address() noexcept {}

// A note as far as a build id has it (ELF, "Note Section").
struct Note {
  ElfW(Nhdr) header;
  char name[4];
  std::uint8_t content[trace::kMaxBuildIdBytes];
};

// Searches the notes of a program header.
void find_build_id(std::uint64_t bias, const ElfW(Phdr) & header,
                   LoadedObject& out) noexcept {
  std::uint64_t at = bias + header.p_vaddr;
  const std::uint64_t end = at + header.p_memsz;
  const std::uint64_t align = header.p_align == 8 ? 8 : 4;
  const auto padded = [align](std::uint64_t n) {
    return (n + align - 1) / align * align;
  };
  for (int i = 0; i < kMaxNotes && end - at >= sizeof(ElfW(Nhdr)); ++i) {
    Note note{};
    const std::uint64_t wanted = std::min<std::uint64_t>(sizeof note, end - at);
    if (read_carefully(at, &note, wanted) < sizeof note.header) return;
    const std::uint64_t content =
        sizeof note.header + padded(note.header.n_namesz);
    const std::uint64_t next = content + padded(note.header.n_descsz);
    if (next > end - at) return;
    if (note.header.n_type == NT_GNU_BUILD_ID && note.header.n_namesz == 4 &&
        std::memcmp(note.name, "GNU", 4) == 0) {
      out.build_id_bytes =
          std::min<std::uint32_t>(note.header.n_descsz, sizeof out.build_id);
      std::memcpy(out.build_id, note.content, out.build_id_bytes);
      out.build_id_at = at + content;
      return;
    }
    at += next;
  }
}

// The executable has no name in the loader's list, and a library opened by a
// relative path has that path: both become absolute now, while they can.
void set_path(const char* name, LoadedObject& out) noexcept {
  std::size_t used = 0;
  const std::size_t capacity = sizeof out.path - 1;
  if (*name == '\0') {
    const long got = system_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe",
                                 out.path, capacity);
    if (!is_error(got)) used = static_cast<std::size_t>(got);
    out.flags |= trace::kModuleIsExecutable;
  } else {
    if (*name != '/' && std::strchr(name, '/') != nullptr) {
      const long got = system_call(SYS_getcwd, out.path, capacity);
      // The kernel counts the terminating null byte.
      if (!is_error(got) && got > 1) {
        used = static_cast<std::size_t>(got) - 1;
        out.path[used++] = '/';
      }
    }
    const std::size_t length = std::min(std::strlen(name), capacity - used);
    std::memcpy(out.path + used, name, length);
    used += length;
  }
  out.path[used] = '\0';
}

// Everything but range, bias and name.
void describe(const ElfW(Phdr) * headers, unsigned count,
              LoadedObject& out) noexcept {
  for (unsigned i = 0; i < count; ++i) {
    if (headers[i].p_type == PT_NOTE && out.build_id_bytes == 0) {
      find_build_id(out.bias, headers[i], out);
    }
  }
}

// The same, through the ELF header at the start of the mapping.
void describe_mapped(LoadedObject& out) noexcept {
  ElfW(Ehdr) elf;
  if (!read_carefully(out.start, elf) ||
      std::memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 ||
      elf.e_phentsize != sizeof(ElfW(Phdr)) || elf.e_phnum > kMaxHeaders) {
    return;
  }
  ElfW(Phdr) headers[kHeadersAtOnce];
  for (unsigned done = 0; done < elf.e_phnum; done += kHeadersAtOnce) {
    const std::size_t count =
        std::min<std::size_t>(kHeadersAtOnce, elf.e_phnum - done);
    const std::uint64_t from = out.start + elf.e_phoff + done * sizeof *headers;
    const std::size_t got =
        read_carefully(from, headers, count * sizeof *headers);
    describe(headers, static_cast<unsigned>(got / sizeof *headers), out);
  }
}

void begin_description(LoadedObject& out) noexcept {
  out.flags = 0;
  out.build_id_bytes = 0;
  out.build_id_at = 0;
  const auto own = reinterpret_cast<std::uint64_t>(&own_address);
  if (own >= out.start && own < out.end) out.flags |= trace::kModuleIsRecorder;
}

// For glibc before 2.35: a search through the loader's list.
struct Search {
  std::uint64_t address;
  LoadedObject* out;
  bool found;
};

int compare(dl_phdr_info* info, std::size_t, void* data) noexcept {
  auto& search = *static_cast<Search*>(data);
  std::uint64_t start = ~std::uint64_t{0};
  std::uint64_t end = 0;
  std::uint64_t header = 0;
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& phdr = info->dlpi_phdr[i];
    const std::uint64_t address = info->dlpi_addr + phdr.p_vaddr;
    if (phdr.p_type == PT_GNU_EH_FRAME) header = address;
    if (phdr.p_type != PT_LOAD) continue;
    start = std::min(start, address);
    end = std::max(end, address + phdr.p_memsz);
  }
  if (search.address < start || search.address >= end) return 0;
  LoadedObject& out = *search.out;
  out.start = start;
  out.end = end;
  out.bias = info->dlpi_addr;
  out.header = header;
  out.handle = 0;
  begin_description(out);
  describe(info->dlpi_phdr, info->dlpi_phnum, out);
  set_path(info->dlpi_name, out);
  search.found = true;
  return 1;
}

struct Listing {
  std::uint64_t* addresses;
  std::uint32_t capacity;
  std::uint32_t count;
};

int list_one(dl_phdr_info* info, std::size_t, void* data) noexcept {
  auto& listing = *static_cast<Listing*>(data);
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    if (listing.count == listing.capacity) return 1;
    listing.addresses[listing.count++] =
        info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    break;
  }
  return 0;
}

}  // namespace

std::uint64_t LoadedObject::identity() const noexcept {
  return XXH3_64bits_withSeed(build_id, build_id_bytes,
                              XXH3_64bits(path, std::strlen(path)));
}

bool find_loaded_object(std::uint64_t address, LoadedObject& out) noexcept {
  if (!is_loader_asked_freely()) {
    if (!may_call_loader()) return false;
    Search search{address, &out, false};
    dl_iterate_phdr(&compare, &search);
    return search.found;
  }
  LoadedRange range{};
  if (!find_loaded_range(address, range)) return false;
  // From here on the object may go at any moment, and what the loader keeps
  // of it: another thread is in dlclose.
  struct {
    ElfW(Addr) bias;
    std::uint64_t name;
  } map;
  static_assert(offsetof(link_map, l_addr) == 0 &&
                offsetof(link_map, l_name) == sizeof(ElfW(Addr)));
  if (!read_carefully(range.handle, map)) return false;
  char name[sizeof out.path];
  const std::size_t got = read_carefully(map.name, name, sizeof name - 1);
  if (got == 0) return false;
  name[got] = '\0';
  out.start = range.start;
  out.end = range.end;
  out.header = range.header;
  out.handle = range.handle;
  out.bias = map.bias;
  begin_description(out);
  describe_mapped(out);
  set_path(name, out);
  return true;
}

bool find_loaded_range(std::uint64_t address, LoadedRange& out) noexcept {
  if (!is_loader_asked_freely()) {
    // What is not needed is there as well.
    LoadedObject object;
    if (!find_loaded_object(address, object)) return false;
    out = {object.start, object.end, object.header, object.handle};
    return true;
  }
  dl_find_object found{};
  if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) {
    return false;
  }
  out = {reinterpret_cast<std::uint64_t>(found.dlfo_map_start),
         reinterpret_cast<std::uint64_t>(found.dlfo_map_end),
         reinterpret_cast<std::uint64_t>(found.dlfo_eh_frame),
         reinterpret_cast<std::uint64_t>(found.dlfo_link_map)};
  return true;
}

bool is_still_that_file(const LoadedObject& known) noexcept {
  if (known.build_id_at != 0) {
    std::uint8_t now[sizeof known.build_id];
    return read_carefully(known.build_id_at, now, known.build_id_bytes) ==
               known.build_id_bytes &&
           std::memcmp(now, known.build_id, known.build_id_bytes) == 0;
  }
  LoadedObject now;
  return find_loaded_object(known.start, now) &&
         now.identity() == known.identity();
}

bool is_loader_asked_freely() noexcept {
  return &_dl_find_object != nullptr;
}

std::uint32_t list_loaded_objects(std::uint64_t* addresses,
                                  std::uint32_t capacity) noexcept {
  Listing listing{addresses, capacity, 0};
  dl_iterate_phdr(&list_one, &listing);
  return listing.count;
}

void avoid_loader_lock() noexcept {
  // Relaxed: set while the process has one thread.
  g_avoid_loader_lock.store(true, std::memory_order_relaxed);
}

bool may_call_loader() noexcept {
  return !g_avoid_loader_lock.load(std::memory_order_relaxed);
}

}  // namespace sagemem
