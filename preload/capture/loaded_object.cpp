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
#include <cstring>

#include "platform/system_call.h"

// Weak: glibc before 2.35 has no such function.
extern "C" int _dl_find_object(void* address, dl_find_object* result) noexcept
    __attribute__((weak));

namespace sagemem {

namespace {

constexpr std::size_t kPage = 4096;  // the least that there is

std::atomic<bool> g_avoid_loader_lock{false};

void own_address() noexcept {}

// The notes of a program header, for the build id (ELF, "Note Section").
void find_build_id(std::uint64_t bias, const ElfW(Phdr) & header,
                   LoadedObject& out) noexcept {
  const auto* at = reinterpret_cast<const char*>(bias + header.p_vaddr);
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
      out.build_id_bytes =
          std::min<std::uint32_t>(note.n_descsz, sizeof out.build_id);
      std::memcpy(out.build_id, at + data, out.build_id_bytes);
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

// Everything but range and bias.
void describe(const char* name, const ElfW(Phdr) * headers, unsigned count,
              LoadedObject& out) noexcept {
  out.flags = 0;
  out.build_id_bytes = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (headers[i].p_type == PT_NOTE && out.build_id_bytes == 0) {
      find_build_id(out.bias, headers[i], out);
    }
  }
  set_path(name, out);
  const auto own = reinterpret_cast<std::uint64_t>(&own_address);
  if (own >= out.start && own < out.end) out.flags |= trace::kModuleIsRecorder;
}

// The program headers, through the ELF header at the start of the mapping.
const ElfW(Phdr) *
    mapped_headers(std::uint64_t start, unsigned& count) noexcept {
  const auto* elf = reinterpret_cast<const ElfW(Ehdr)*>(start);
  count = 0;
  if (std::memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
      elf->e_phentsize != sizeof(ElfW(Phdr)) ||
      elf->e_phoff + elf->e_phnum * sizeof(ElfW(Phdr)) > kPage) {
    return nullptr;
  }
  count = elf->e_phnum;
  return reinterpret_cast<const ElfW(Phdr)*>(start + elf->e_phoff);
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
  describe(info->dlpi_name, info->dlpi_phdr, info->dlpi_phnum, out);
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
  if (&_dl_find_object == nullptr) {
    if (!may_call_loader()) return false;
    Search search{address, &out, false};
    dl_iterate_phdr(&compare, &search);
    return search.found;
  }
  dl_find_object found{};
  if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) {
    return false;
  }
  out.start = reinterpret_cast<std::uint64_t>(found.dlfo_map_start);
  out.end = reinterpret_cast<std::uint64_t>(found.dlfo_map_end);
  out.bias = found.dlfo_link_map->l_addr;
  out.header = reinterpret_cast<std::uint64_t>(found.dlfo_eh_frame);
  unsigned count = 0;
  const ElfW(Phdr)* headers = mapped_headers(out.start, count);
  describe(found.dlfo_link_map->l_name, headers, count, out);
  return true;
}

bool find_loaded_range(std::uint64_t address, LoadedRange& out) noexcept {
  if (&_dl_find_object == nullptr) {
    // The name is not needed, but it is there.
    LoadedObject object;
    if (!find_loaded_object(address, object)) return false;
    out = {object.start, object.end, object.bias};
    return true;
  }
  dl_find_object found{};
  if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) {
    return false;
  }
  out = {reinterpret_cast<std::uint64_t>(found.dlfo_map_start),
         reinterpret_cast<std::uint64_t>(found.dlfo_map_end),
         found.dlfo_link_map->l_addr};
  return true;
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
