// SPDX-License-Identifier: Apache-2.0
#include "symbolize/unit_functions.h"

#include <dwarf.h>

#include <cstddef>

namespace sagemem::symbolize {
namespace {

// Deeper nesting is no program: it ends the recursion over a hostile file.
constexpr int kMaxDepth = 256;
// Nor has any unit so many entries: it ends loops of sibling references.
constexpr std::size_t kMaxEntries = std::size_t{1} << 24;
// Nor is an inlined copy of a declaration of an abstract copy longer.
constexpr int kMaxOrigins = 16;

bool is_type(int tag) {
  return tag == DW_TAG_class_type || tag == DW_TAG_structure_type ||
         tag == DW_TAG_union_type;
}

bool holds_functions(int tag) {
  return is_type(tag) || tag == DW_TAG_namespace || tag == DW_TAG_module ||
         tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block;
}

// One walk over the entries of a unit.
class EntryWalk {
 public:
  // Calls `visit` for each child; it returns false to end the walk.
  template <typename Visit>
  void for_each_child(Dwarf_Die& parent, Visit visit) {
    Dwarf_Die child;
    if (dwarf_child(&parent, &child) != 0) return;
    do {
      if (left_ == 0 || !visit(child)) return;
      --left_;
    } while (dwarf_siblingof(&child, &child) == 0);
  }

 private:
  std::size_t left_ = kMaxEntries;
};

std::string text_attribute(Dwarf_Die& entry, unsigned name) {
  Dwarf_Attribute attribute;
  if (dwarf_attr_integrate(&entry, name, &attribute) == nullptr) return {};
  const char* text = dwarf_formstring(&attribute);
  return text != nullptr ? text : "";
}

// The entry at the end of the references to where the function was declared.
Dwarf_Die origin_of(const Dwarf_Die& entry) {
  Dwarf_Die at = entry;
  for (int i = 0; i < kMaxOrigins; ++i) {
    Dwarf_Attribute attribute;
    Dwarf_Die next;
    if ((dwarf_attr(&at, DW_AT_abstract_origin, &attribute) == nullptr &&
         dwarf_attr(&at, DW_AT_specification, &attribute) == nullptr) ||
        dwarf_formref_die(&attribute, &next) == nullptr)
      break;
    at = next;
  }
  return at;
}

void collect_inlined(EntryWalk& walk, Dwarf_Die& scope, Dwarf_Addr pc,
                     int depth, std::vector<Dwarf_Die>& calls) {
  if (depth == kMaxDepth) return;
  walk.for_each_child(scope, [&](Dwarf_Die& child) {
    const int tag = dwarf_tag(&child);
    const bool is_call = tag == DW_TAG_inlined_subroutine;
    if (!is_call && tag != DW_TAG_lexical_block) return true;
    if (dwarf_haspc(&child, pc) <= 0) return true;
    if (is_call) calls.push_back(child);
    collect_inlined(walk, child, pc, depth + 1, calls);
    return false;
  });
}

}  // namespace

class UnitFunctions::Collector {
 public:
  explicit Collector(UnitFunctions& unit) : unit_(unit) {
    unit_.scopes_.emplace_back();
  }

  // `scope` is what the children stand in.
  void collect(Dwarf_Die& parent, std::uint32_t scope, int depth) {
    if (depth == kMaxDepth) return;
    walk_.for_each_child(parent, [&](Dwarf_Die& child) {
      const int tag = dwarf_tag(&child);
      if (tag == DW_TAG_subprogram) add(child, scope);
      if (holds_functions(tag))
        collect(child, scope_within(child, tag, scope), depth + 1);
      return true;
    });
  }

 private:
  void add(Dwarf_Die& function, std::uint32_t scope) {
    if (scope != 0) unit_.scope_of_[dwarf_dieoffset(&function)] = scope;
    if (dwarf_hasattr(&function, DW_AT_low_pc) == 0 &&
        dwarf_hasattr(&function, DW_AT_ranges) == 0)
      return;
    unit_.ranges_.add(function,
                      static_cast<std::uint32_t>(unit_.functions_.size()));
    unit_.functions_.push_back(function);
  }

  std::uint32_t scope_within(Dwarf_Die& entry, int tag, std::uint32_t scope) {
    const char* name =
        tag == DW_TAG_lexical_block ? nullptr : dwarf_diename(&entry);
    if (name == nullptr && tag == DW_TAG_namespace)
      name = "(anonymous namespace)";
    // A class without a name that has functions is a closure, nearly always.
    if (name == nullptr && is_type(tag)) name = "<lambda>";
    // An instance of a function that was declared elsewhere has its children
    // there.
    if (name == nullptr) return scope;
    unit_.scopes_.push_back({scope, name});
    return static_cast<std::uint32_t>(unit_.scopes_.size() - 1);
  }

  UnitFunctions& unit_;
  EntryWalk walk_;
};

UnitFunctions::UnitFunctions(Dwarf_Die& unit) {
  Collector(*this).collect(unit, 0, 0);
  ranges_.sort();
}

std::vector<Dwarf_Die> UnitFunctions::scopes_at(Dwarf_Addr pc) {
  std::vector<Dwarf_Die> scopes;
  const auto function = ranges_.find(pc);
  if (!function) return scopes;
  scopes.push_back(functions_[*function]);
  EntryWalk walk;
  collect_inlined(walk, functions_[*function], pc, 0, scopes);
  return scopes;
}

FunctionName UnitFunctions::name(Dwarf_Die& scope) const {
  // A linkage name that is not mangled is an alias of the implementation's own
  // (glibc: __GI__IO_file_doallocate); the plain name is what the source says.
  for (const unsigned attribute :
       {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    std::string mangled = text_attribute(scope, attribute);
    if (mangled.starts_with("_Z")) return {std::move(mangled), true};
  }
  std::string text = text_attribute(scope, DW_AT_name);
  if (!text.empty()) text.insert(0, prefix_of(scope));
  return {std::move(text), false};
}

std::string UnitFunctions::prefix_of(Dwarf_Die& function) const {
  std::string prefix;
  Dwarf_Die origin = origin_of(function);
  const auto found = scope_of_.find(dwarf_dieoffset(&origin));
  if (found == scope_of_.end()) return prefix;
  for (std::uint32_t at = found->second; at != 0; at = scopes_[at].outer)
    prefix.insert(0, std::string(scopes_[at].name) + "::");
  return prefix;
}

}  // namespace sagemem::symbolize
