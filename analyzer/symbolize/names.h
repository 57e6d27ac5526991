// SPDX-License-Identifier: Apache-2.0
//
// Function names: from what a symbol table says to what a person reads.
//
//   _ZNSt6vectorIiSaIiEE9push_backERKi.isra.0            symbol
//   std::vector<int, std::allocator<int> >::push_back(int const&)   demangled
//   std::vector<int, std::allocator<int> >::push_back    without parameters
//   std::vector::push_back                               plain
//
// Sites carry the demangled name; wrapper patterns match the plain one, so that
// `std::vector::*` needs no template arguments.  Hazard: names come from files
// that nobody vouches for; unbalanced brackets must only shorten the result.
#pragma once

#include <string>
#include <string_view>

namespace sagemem::symbolize {

// The symbol without what the compiler or the linker put behind it: clones
// (.constprop.0, .isra.0, .part.0, .cold, .localalias, .lto_priv.0) and symbol
// versions (@@GLIBC_2.14).  They are the same function to its author.
[[nodiscard]] std::string_view strip_suffixes(std::string_view symbol);

// The C++ name of a mangled symbol, or the symbol itself.
[[nodiscard]] std::string demangle(std::string_view symbol);

// Without return type, parameters and trailing qualifiers; std::string by its
// everyday name.
[[nodiscard]] std::string without_parameters(std::string_view function);

// Without template arguments and ABI tags as well.
[[nodiscard]] std::string plain_name(std::string_view function);

}  // namespace sagemem::symbolize
