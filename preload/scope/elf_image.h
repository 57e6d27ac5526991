// SPDX-License-Identifier: Apache-2.0
//
// An ELF file, mapped read-only, to look for symbols in and to take code from:
// what is in memory may have a debugger's breakpoints in it.
//
// Hazard: the file may be damaged or of someone's making.  Every offset is
// checked against its end before it is used; a name is read up to the end of
// its table.  (A file that is cut while it is mapped is a SIGBUS: that of a
// program that runs can not be written to, ETXTBSY, and a library that is
// overwritten in place takes its program down anyway.)
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>

namespace sagemem {

class ElfImage {
 public:
  ElfImage() noexcept = default;
  ~ElfImage() { close(); }
  ElfImage(const ElfImage&) = delete;
  ElfImage& operator=(const ElfImage&) = delete;

  // False: no such file, or none that this program could have loaded.
  bool open(const char* path) noexcept;
  void close() noexcept;

  struct Symbols {
    const std::uint8_t* entries = nullptr;  // Elf64_Sym each, not aligned
    std::size_t count = 0;
    const char* names = nullptr;  // ends with a zero byte
    std::size_t name_bytes = 0;
    bool is_whole = false;  // .symtab

    [[nodiscard]] Elf64_Sym at(std::size_t index) const noexcept;
  };
  // .symtab, or .dynsym where there is none.
  [[nodiscard]] const Symbols& symbols() const noexcept { return symbols_; }

  // The file's bytes for [address, address + bytes) of the ELF image, or
  // nullptr.
  [[nodiscard]] const std::uint8_t* code(std::uint64_t address,
                                         std::size_t bytes) const noexcept;
  // As many as there are from `address` to the end of its executable segment.
  [[nodiscard]] std::size_t code_left(std::uint64_t address) const noexcept;
  // First address of the segment that `address` is in, or itself.
  [[nodiscard]] std::uint64_t segment_start(
      std::uint64_t address) const noexcept;
  // PROT_ bits of the segment around `address`.
  [[nodiscard]] int protection(std::uint64_t address) const noexcept;
  // First address of the image.
  [[nodiscard]] std::uint64_t first_address() const noexcept;
  [[nodiscard]] const Elf64_Ehdr& header() const noexcept { return header_; }

 private:
  bool read_headers() noexcept;
  void find_symbols() noexcept;
  [[nodiscard]] bool has(std::uint64_t offset,
                         std::uint64_t bytes) const noexcept {
    return offset <= size_ && bytes <= size_ - offset;
  }
  [[nodiscard]] bool find_segment(std::uint64_t address,
                                  Elf64_Phdr& out) const noexcept;
  [[nodiscard]] Elf64_Phdr segment(unsigned index) const noexcept;

  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  Elf64_Ehdr header_{};
  Symbols symbols_;
};

}  // namespace sagemem
