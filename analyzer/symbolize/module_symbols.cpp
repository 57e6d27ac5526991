// SPDX-License-Identifier: Apache-2.0
#include "symbolize/module_symbols.h"

#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "symbolize/names.h"
#include "symbolize/regular_file.h"
#include "symbolize/symbol_table.h"
#include "symbolize/unit_index.h"

namespace sagemem::symbolize {
namespace {

// Debug files by build id under /usr/lib/debug, and by .gnu_debuglink beside
// the file, in .debug and under /usr/lib/debug.
const Dwfl_Callbacks& callbacks() {
  static const Dwfl_Callbacks table = {
      .find_elf = dwfl_build_id_find_elf,
      .find_debuginfo = dwfl_standard_find_debuginfo,
      .section_address = dwfl_offline_section_address,
      .debuginfo_path = nullptr,
  };
  return table;
}

// The name of a machine frame.  C++ compilers leave some functions without a
// mangled name in the DWARF; the symbol then says more than `operator()`.
std::string best_name(const FunctionName& function, const Symbol* symbol) {
  const bool has_better_symbol =
      symbol != nullptr && !function.is_mangled &&
      (function.text.empty() ||
       std::string_view(symbol->name).starts_with("_Z"));
  return demangle(
      strip_suffixes(has_better_symbol ? symbol->name : function.text));
}

}  // namespace

void ModuleSymbols::DwflDeleter::operator()(Dwfl* dwfl) const {
  dwfl_end(dwfl);
}

ModuleSymbols::ModuleSymbols(const std::string& path,
                             const std::vector<std::uint8_t>& build_id) {
  open(path, build_id);
}

ModuleSymbols::~ModuleSymbols() = default;

void ModuleSymbols::open(const std::string& path,
                         const std::vector<std::uint8_t>& build_id) {
  FileDescriptor file = open_regular_file(path);
  if (!file.is_open()) {
    reason_ = errno == EINVAL ? "not a regular file" : std::strerror(errno);
    return;
  }
  state_ = SymbolState::NotElf;
  reason_ = "not an ELF file";
  dwfl_.reset(dwfl_begin(&callbacks()));
  if (dwfl_ == nullptr) return;
  // Base 0 on top of p_vaddr: libdwfl's addresses are then ELF addresses.  It
  // takes the descriptor over when it succeeds.
  module_ =
      dwfl_report_elf(dwfl_.get(), "module", path.c_str(), file.get(), 0, true);
  if (module_ == nullptr) return;
  static_cast<void>(file.release());
  if (dwfl_report_end(dwfl_.get(), nullptr, nullptr) != 0) return;
  if (has_build_id(build_id)) {
    state_ = SymbolState::Usable;
    reason_.clear();
  } else {
    state_ = SymbolState::OtherBuild;
    reason_ = "is not the file that ran: its build id differs";
  }
}

bool ModuleSymbols::has_build_id(
    const std::vector<std::uint8_t>& build_id) const {
  const unsigned char* bytes = nullptr;
  GElf_Addr address = 0;
  const int count = dwfl_module_build_id(module_, &bytes, &address);
  return std::equal(build_id.begin(), build_id.end(), bytes,
                    bytes + std::max(count, 0));
}

void ModuleSymbols::load() {
  if (loaded_) return;
  loaded_ = true;
  symbols_ = std::make_unique<SymbolTable>(module_);
  Dwarf_Addr bias = 0;
  Dwarf* dwarf = dwfl_module_getdwarf(module_, &bias);
  if (dwarf != nullptr) units_ = std::make_unique<UnitIndex>(dwarf, bias);
}

std::vector<Location> ModuleSymbols::lookup(std::uint64_t address) {
  std::vector<Location> result;
  if (state_ != SymbolState::Usable) return result;
  load();
  std::vector<UnitIndex::Place> places;
  if (units_ != nullptr) places = units_->lookup(address);
  const Symbol* symbol = symbols_->find(address);
  if (places.empty() && symbol != nullptr) places.emplace_back();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool machine_frame = i + 1 == places.size();
    Location location;
    location.function =
        best_name(places[i].function, machine_frame ? symbol : nullptr);
    location.file = std::move(places[i].file);
    location.line = places[i].line;
    location.inlined = !machine_frame;
    result.push_back(std::move(location));
  }
  return result;
}

bool ModuleSymbols::has_function(std::string_view name) const {
  return symbols_ != nullptr && symbols_->has(name);
}

SymbolSummary ModuleSymbols::summary() {
  SymbolSummary result{.state = state_, .reason = reason_};
  if (state_ != SymbolState::Usable) return result;
  load();
  result.has_lines = units_ != nullptr && !units_->empty();
  result.has_symbols = !symbols_->empty();
  return result;
}

}  // namespace sagemem::symbolize
