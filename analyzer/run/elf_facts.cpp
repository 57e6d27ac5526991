// SPDX-License-Identifier: Apache-2.0

#include "run/elf_facts.h"

#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace sagemem::run {

namespace {

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfCloser>;

std::string read_interpreter(Elf* elf) {
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return {};
  for (int i = 0; i < static_cast<int>(count); ++i) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, i, &header) == nullptr) continue;
    if (header.p_type != PT_INTERP) continue;
    const Elf_Data* data =
        elf_getdata_rawchunk(elf, static_cast<std::int64_t>(header.p_offset),
                             header.p_filesz, ELF_T_BYTE);
    if (data == nullptr || data->d_buf == nullptr) return {};
    const char* text = static_cast<const char*>(data->d_buf);
    return {text, strnlen(text, data->d_size)};
  }
  return {};
}

std::string read_soname(Elf* elf, Elf_Scn* section, const GElf_Shdr& header) {
  Elf_Data* data = elf_getdata(section, nullptr);
  if (data == nullptr || header.sh_entsize == 0) return {};
  const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
  for (int i = 0; i < count; ++i) {
    GElf_Dyn entry;
    if (gelf_getdyn(data, i, &entry) == nullptr) break;
    if (entry.d_tag != DT_SONAME) continue;
    const char* name = elf_strptr(elf, header.sh_link, entry.d_un.d_val);
    return name == nullptr ? std::string() : std::string(name);
  }
  return {};
}

bool defines_malloc(Elf* elf, Elf_Scn* section, const GElf_Shdr& header) {
  Elf_Data* data = elf_getdata(section, nullptr);
  if (data == nullptr || header.sh_entsize == 0) return false;
  const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
  for (int i = 0; i < count; ++i) {
    GElf_Sym symbol;
    if (gelf_getsym(data, i, &symbol) == nullptr) break;
    // A PLT entry whose address is taken is undefined with a value: the
    // section index tells, not the value.
    if (symbol.st_shndx == SHN_UNDEF) continue;
    if (GELF_ST_VISIBILITY(symbol.st_other) != STV_DEFAULT) continue;
    const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name != nullptr && std::string_view(name) == "malloc") return true;
  }
  return false;
}

}  // namespace

std::optional<ElfFacts> read_elf_facts(int fd) {
  elf_version(EV_CURRENT);
  const ElfHandle elf(elf_begin(fd, ELF_C_READ, nullptr));
  GElf_Ehdr header;
  if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF ||
      gelf_getehdr(elf.get(), &header) == nullptr) {
    return std::nullopt;
  }
  ElfFacts facts;
  facts.elf_class = header.e_ident[EI_CLASS];
  facts.machine = header.e_machine;
  facts.is_program = header.e_type == ET_EXEC || header.e_type == ET_DYN;
  facts.interpreter = read_interpreter(elf.get());
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf.get(), section)) != nullptr) {
    GElf_Shdr section_header;
    if (gelf_getshdr(section, &section_header) == nullptr) continue;
    if (section_header.sh_type == SHT_DYNAMIC) {
      facts.soname = read_soname(elf.get(), section, section_header);
    } else if (section_header.sh_type == SHT_DYNSYM) {
      facts.exports_malloc = defines_malloc(elf.get(), section, section_header);
    }
  }
  return facts;
}

std::string machine_name(const ElfFacts& facts) {
  static constexpr auto kNames =
      std::to_array<std::pair<unsigned, const char*>>({
          {EM_386, "x86"},
          {EM_X86_64, "x86-64"},
          {EM_ARM, "ARM"},
          {EM_AARCH64, "AArch64"},
          {EM_PPC64, "POWER"},
          {EM_S390, "S/390"},
          {EM_RISCV, "RISC-V"},
      });
  const auto* const known = std::find_if(
      kNames.begin(), kNames.end(),
      [&](const auto& name) { return name.first == facts.machine; });
  const int bits = facts.elf_class == ELFCLASS32 ? 32 : 64;
  if (known == kNames.end()) {
    return fmt::format("machine {} ({} bits)", facts.machine, bits);
  }
  return fmt::format("{} ({} bits)", known->second, bits);
}

}  // namespace sagemem::run
