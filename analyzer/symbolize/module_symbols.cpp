// SPDX-License-Identifier: Apache-2.0
#include "symbolize/module_symbols.h"

#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "symbolize/debug_finder.h"
#include "symbolize/names.h"
#include "symbolize/regular_file.h"
#include "symbolize/symbol_table.h"
#include "symbolize/unit_index.h"

namespace sagemem::symbolize {
namespace {

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

ModuleSymbols::ModuleSymbols(const std::string& path, const BuildId& build_id,
                             const FileSearch& search)
    : finder_(std::make_unique<Finder>(path, build_id, search)) {
  for (const std::string& name : search.files_of(path, build_id))
    if (open(name, build_id)) return;
}

ModuleSymbols::~ModuleSymbols() = default;

// What is remembered is why the file that came nearest could not be used.
void ModuleSymbols::refuse(SymbolState state, const std::string& reason) {
  const bool is_nearer = reason_.empty() || state > state_;
  if (!is_nearer) return;
  state_ = state;
  reason_ = reason;
}

bool ModuleSymbols::open(const std::string& path, const BuildId& build_id) {
  FileDescriptor file = open_regular_file(path);
  if (!file.is_open()) {
    refuse(SymbolState::NoFile,
           errno == EINVAL ? "not a regular file" : std::strerror(errno));
    return false;
  }
  dwfl_.reset(dwfl_begin(&Finder::callbacks()));
  module_ = nullptr;
  // Base 0 on top of p_vaddr: libdwfl's addresses are then ELF addresses.  It
  // takes the descriptor over when it succeeds.
  if (dwfl_ != nullptr)
    module_ = dwfl_report_elf(dwfl_.get(), "module", path.c_str(), file.get(),
                              0, true);
  if (module_ != nullptr) static_cast<void>(file.release());
  if (module_ == nullptr ||
      dwfl_report_end(dwfl_.get(), nullptr, nullptr) != 0) {
    refuse(SymbolState::NotElf, "not an ELF file");
    return false;
  }
  if (!has_build_id(build_id)) {
    refuse(SymbolState::OtherBuild,
           "is not the file that ran: its build id differs");
    return false;
  }
  finder_->serve(module_);
  state_ = SymbolState::Usable;
  reason_.clear();
  return true;
}

bool ModuleSymbols::has_build_id(const BuildId& build_id) const {
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

std::vector<std::string> ModuleSymbols::functions() const {
  return symbols_ != nullptr ? symbols_->functions()
                             : std::vector<std::string>();
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
