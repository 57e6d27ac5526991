// SPDX-License-Identifier: Apache-2.0
#include "symbolize/symbol_table.h"

#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "symbolize/names.h"

namespace sagemem::symbolize {
namespace {

// Labels inside a function that stand between it and an address of it.
constexpr int kMaxNested = 8;

bool is_code(const GElf_Sym& symbol, GElf_Word section) {
  if (section == SHN_UNDEF || section == SHN_ABS) return false;
  const unsigned type = GELF_ST_TYPE(symbol.st_info);
  return type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
}

int binding_rank(unsigned char binding) {
  return binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2;
}

// Of several names for one address the one that its users know: fopen rather
// than _IO_new_fopen.
auto preference(const Symbol& symbol) {
  const std::string_view name = symbol.name;
  // C++ names begin with an underscore as well, for another reason.
  const std::size_t underscores =
      name.starts_with("_Z") ? 0 : name.find_first_not_of('_');
  return std::make_tuple(symbol.size == 0, underscores,
                         binding_rank(symbol.binding), name.size(), name);
}

bool is_before(const Symbol& a, const Symbol& b) {
  if (a.address != b.address) return a.address < b.address;
  return preference(a) < preference(b);
}

}  // namespace

SymbolTable::SymbolTable(Dwfl_Module* module) {
  read(module);
  std::sort(symbols_.begin(), symbols_.end(), is_before);
  keep_best_aliases();
}

void SymbolTable::read(Dwfl_Module* module) {
  const int count = dwfl_module_getsymtab(module);
  for (int i = 1; i < count; ++i) {
    GElf_Sym symbol;
    GElf_Addr address = 0;
    GElf_Word section = SHN_UNDEF;
    const char* name = dwfl_module_getsym_info(module, i, &symbol, &address,
                                               &section, nullptr, nullptr);
    if (name == nullptr || *name == '\0' || !is_code(symbol, section)) continue;
    symbols_.push_back(
        {.address = address,
         .size = symbol.st_size,
         .section = section,
         .binding = static_cast<unsigned char>(GELF_ST_BIND(symbol.st_info)),
         .name = name});
  }
}

void SymbolTable::keep_best_aliases() {
  const auto end = std::unique(
      symbols_.begin(), symbols_.end(),
      [](const Symbol& a, const Symbol& b) { return a.address == b.address; });
  symbols_.erase(end, symbols_.end());
}

bool SymbolTable::has(std::string_view name) const {
  return std::any_of(
      symbols_.begin(), symbols_.end(), [name](const Symbol& symbol) {
        const std::string_view known = symbol.name;
        return known.starts_with(name) && strip_suffixes(known) == name;
      });
}

std::vector<std::string> SymbolTable::functions() const {
  std::vector<std::string> names;
  for (const Symbol& symbol : symbols_)
    names.emplace_back(strip_suffixes(symbol.name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

const Symbol* SymbolTable::find(std::uint64_t address) const {
  const auto after = std::upper_bound(
      symbols_.begin(), symbols_.end(), address,
      [](std::uint64_t value, const Symbol& s) { return value < s.address; });
  auto at = after;
  for (int i = 0; i < kMaxNested && at != symbols_.begin(); ++i) {
    --at;
    if (address - at->address < at->size) return &*at;
  }
  if (after == symbols_.begin()) return nullptr;
  const Symbol& nearest = *(after - 1);
  const bool is_label = nearest.size == 0 && after != symbols_.end() &&
                        after->section == nearest.section;
  return is_label ? &nearest : nullptr;
}

}  // namespace sagemem::symbolize
