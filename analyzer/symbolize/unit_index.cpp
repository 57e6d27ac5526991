// SPDX-License-Identifier: Apache-2.0
#include "symbolize/unit_index.h"

#include <dwarf.h>

#include <algorithm>
#include <filesystem>

namespace sagemem::symbolize {
namespace {

Dwarf_Word number_attribute(Dwarf_Die& entry, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr(&entry, name, &attribute) == nullptr ||
      dwarf_formudata(&attribute, &value) != 0)
    return 0;
  return value;
}

// Compilers write names relative to the directory that they were started in.
std::string absolute_file(Dwarf_Die& unit, const char* name) {
  std::filesystem::path path(name);
  Dwarf_Attribute attribute;
  if (path.is_relative() &&
      dwarf_attr(&unit, DW_AT_comp_dir, &attribute) != nullptr) {
    const char* directory = dwarf_formstring(&attribute);
    if (directory != nullptr) path = directory / path;
  }
  return path.lexically_normal().string();
}

void set_line_of_call(UnitIndex::Place& place, Dwarf_Die& unit,
                      Dwarf_Die& call) {
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  const Dwarf_Word index = number_attribute(call, DW_AT_call_file);
  if (dwarf_getsrcfiles(&unit, &files, &count) != 0 || index >= count) return;
  const char* name = dwarf_filesrc(files, index, nullptr, nullptr);
  if (name == nullptr) return;
  place.file = absolute_file(unit, name);
  place.line =
      static_cast<std::uint32_t>(number_attribute(call, DW_AT_call_line));
}

void set_line_of_address(UnitIndex::Place& place, Dwarf_Die& unit,
                         Dwarf_Addr pc) {
  Dwarf_Line* line = dwarf_getsrc_die(&unit, pc);
  if (line == nullptr) return;
  const char* name = dwarf_linesrc(line, nullptr, nullptr);
  int number = 0;
  if (name == nullptr || dwarf_lineno(line, &number) != 0) return;
  place.file = absolute_file(unit, name);
  place.line = static_cast<std::uint32_t>(std::max(number, 0));
}

}  // namespace

UnitIndex::UnitIndex(Dwarf* dwarf, Dwarf_Addr bias) : bias_(bias) {
  Dwarf_CU* unit = nullptr;
  Dwarf_Die skeleton;
  Dwarf_Die split;
  std::uint8_t type = 0;
  while (dwarf_get_units(dwarf, unit, &unit, nullptr, &type, &skeleton,
                         &split) == 0) {
    if (type != DW_UT_compile && type != DW_UT_skeleton) continue;
    const bool is_split = type == DW_UT_skeleton && split.addr != nullptr;
    ranges_.add(skeleton, static_cast<std::uint32_t>(units_.size()));
    units_.push_back({is_split ? split : skeleton, nullptr});
  }
  ranges_.sort();
}

std::vector<UnitIndex::Place> UnitIndex::lookup(std::uint64_t address) {
  const Dwarf_Addr pc = address - bias_;
  const auto index = ranges_.find(pc);
  if (!index) return {};
  Unit& unit = units_[*index];
  if (unit.functions == nullptr)
    unit.functions = std::make_unique<UnitFunctions>(unit.entry);

  std::vector<Dwarf_Die> scopes = unit.functions->scopes_at(pc);
  std::vector<Place> places;
  for (std::size_t i = scopes.size(); i-- > 0;) {
    places.emplace_back().function = unit.functions->name(scopes[i]);
    if (i + 1 < scopes.size())
      set_line_of_call(places.back(), unit.entry, scopes[i + 1]);
  }
  if (places.empty()) places.emplace_back();  // assembly: a line, no function
  set_line_of_address(places.front(), unit.entry, pc);
  return places;
}

}  // namespace sagemem::symbolize
