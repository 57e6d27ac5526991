// SPDX-License-Identifier: Apache-2.0
#include "scope/symbols.h"

namespace sagemem {

namespace {

// What is behind the name in a symbol's own.
struct Suffixes {
  bool is_other = false;  // not the function at all
  bool has_own_arguments = false;
  bool is_part = false;
};

bool takes(const char*& text, const char* word) noexcept {
  const std::size_t length = std::strlen(word);
  if (std::strncmp(text, word, length) != 0) return false;
  if (text[length] != '.' && text[length] != '\0') return false;
  text += length;
  // The number of the clone.
  const char* digits = text;
  if (*digits == '.') ++digits;
  if (*digits < '0' || *digits > '9') return true;
  while (*digits >= '0' && *digits <= '9') ++digits;
  if (*digits == '.' || *digits == '\0') text = digits;
  return true;
}

Suffixes read_suffixes(const char* text) noexcept {
  Suffixes result;
  while (*text != '\0' && !result.is_other) {
    if (takes(text, ".constprop") || takes(text, ".isra")) {
      result.has_own_arguments = true;
    } else if (takes(text, ".part")) {
      result.is_part = true;
      result.has_own_arguments = true;
    } else if (!takes(text, ".localalias") && !takes(text, ".lto_priv") &&
               !takes(text, ".llvm")) {
      result.is_other = true;
    }
  }
  return result;
}

class Search {
 public:
  Search(const ElfImage& image, SymbolMatch* matches,
         std::uint32_t count) noexcept
      : symbols_(image.symbols()), matches_(matches), count_(count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (matches[i].name.is_empty()) continue;
      const auto start = static_cast<std::uint8_t>(matches[i].name.data[0]);
      matches[i].next_same_start = first_[start];
      first_[start] = i + 1;
    }
  }

  void run() noexcept {
    for (std::size_t i = 0; i < symbols_.count; ++i) {
      const Elf64_Sym symbol = symbols_.at(i);
      const unsigned type = ELF64_ST_TYPE(symbol.st_info);
      if ((type != STT_FUNC && type != STT_OBJECT) ||
          symbol.st_shndx == SHN_UNDEF || symbol.st_name >= symbols_.name_bytes)
        continue;
      const char* name = symbols_.names + symbol.st_name;
      const auto start = static_cast<std::uint8_t>(*name);
      for (std::uint32_t m = first_[start]; m != 0;
           m = matches_[m - 1].next_same_start) {
        compare(matches_[m - 1], symbol, name, type == STT_FUNC);
      }
    }
    for (std::uint32_t m = 0; m < count_; ++m) drop_parts(matches_[m]);
    find_ends();
  }

 private:
  static void compare(SymbolMatch& match, const Elf64_Sym& symbol,
                      const char* name, bool is_function) noexcept {
    if (std::strncmp(name, match.name.data, match.name.size) != 0) return;
    const char* rest = name + match.name.size;
    if (*rest != '\0' && *rest != '.') return;
    if (is_function) {
      add_function(match, symbol, name, rest);
    } else if (*rest == '\0' || match.object_address == 0) {
      match.object_address = symbol.st_value;
      match.object_bytes = symbol.st_size;
    }
  }

  static void add_function(SymbolMatch& match, const Elf64_Sym& symbol,
                           const char* name, const char* rest) noexcept {
    const Suffixes suffixes = read_suffixes(rest);
    if (suffixes.is_other || match.function_count == kMaxClones) return;
    for (std::uint32_t i = 0; i < match.function_count; ++i) {
      if (match.functions[i].address == symbol.st_value) return;
    }
    match.functions[match.function_count++] = {
        symbol.st_value, symbol.st_size, 0, 0, name, suffixes.has_own_arguments,
        suffixes.is_part};
  }

  // What is left of a function counts only where nothing else of it is.
  static void drop_parts(SymbolMatch& match) noexcept {
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < match.function_count; ++i) {
      if (match.functions[i].is_part) continue;
      match.functions[kept++] = match.functions[i];
    }
    if (kept != 0) match.function_count = kept;
  }

  void find_ends() noexcept {
    if (!has_functions()) return;
    for (std::size_t i = 0; i < symbols_.count; ++i) {
      const Elf64_Sym symbol = symbols_.at(i);
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC ||
          symbol.st_shndx == SHN_UNDEF) {
        continue;
      }
      for (std::uint32_t m = 0; m < count_; ++m) note_end(matches_[m], symbol);
    }
    for (std::uint32_t m = 0; m < count_; ++m) {
      for (std::uint32_t f = 0; f < matches_[m].function_count; ++f) {
        FoundFunction& function = matches_[m].functions[f];
        // Written in assembly language without a size: up to the next one.
        if (function.size == 0 && function.next != 0) {
          function.size = function.next - function.address;
        }
      }
    }
  }

  [[nodiscard]] bool has_functions() const noexcept {
    for (std::uint32_t m = 0; m < count_; ++m) {
      if (matches_[m].function_count != 0) return true;
    }
    return false;
  }

  static void note_end(SymbolMatch& match, const Elf64_Sym& symbol) noexcept {
    for (std::uint32_t f = 0; f < match.function_count; ++f) {
      FoundFunction& function = match.functions[f];
      if (symbol.st_value > function.address &&
          (function.next == 0 || symbol.st_value < function.next)) {
        function.next = symbol.st_value;
      }
      if (symbol.st_value < function.address &&
          symbol.st_value + symbol.st_size > function.previous_end) {
        function.previous_end = symbol.st_value + symbol.st_size;
      }
    }
  }

  const ElfImage::Symbols& symbols_;
  SymbolMatch* matches_;
  std::uint32_t count_;
  std::uint32_t first_[256] = {};  // match + 1, by the first letter
};

}  // namespace

void find_symbols(const ElfImage& image, SymbolMatch* matches,
                  std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    const Word name = matches[i].name;
    matches[i] = SymbolMatch{};
    matches[i].name = name;
  }
  Search(image, matches, count).run();
}

}  // namespace sagemem
