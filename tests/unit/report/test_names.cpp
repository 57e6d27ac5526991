// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "symbolize/names.h"

using namespace sagemem::symbolize;

TEST_CASE("suffixes of compilers and linkers are taken off") {
  CHECK(strip_suffixes("run_sage.constprop.0") == "run_sage");
  CHECK(strip_suffixes("f.isra.3.part.12.cold") == "f");
  CHECK(strip_suffixes("sage.localalias") == "sage");
  CHECK(strip_suffixes("init.lto_priv.7") == "init");
  CHECK(strip_suffixes("memcpy@@GLIBC_2.14") == "memcpy");
  CHECK(strip_suffixes("fopen@GLIBC_2.2.5") == "fopen");
  CHECK(strip_suffixes("plain") == "plain");
  CHECK(strip_suffixes("").empty());
  // A name is never stripped to nothing.
  CHECK(strip_suffixes(".part.1") == ".part.1");
  CHECK(strip_suffixes("@x") == "@x");
}

TEST_CASE("symbols are demangled, names that are none stay") {
  CHECK(demangle("_ZN5shape6Square4areaEv") == "shape::Square::area()");
  CHECK(demangle("main") == "main");
  CHECK(demangle("_Znot a symbol") == "_Znot a symbol");
  CHECK(demangle("_Z") == "_Z");
  CHECK(demangle("").empty());
}

TEST_CASE("plain names are what patterns match") {
  const auto check = [](const char* full, const char* plain) {
    INFO(full);
    CHECK(plain_name(full) == plain);
  };
  check("main", "main");
  check("std::vector<int, std::allocator<int> >::push_back(int const&)",
        "std::vector::push_back");
  check("void std::vector<A<B>>::_M_realloc_insert<int>(int&&)",
        "std::vector::_M_realloc_insert");
  check("std::unique_ptr<X> std::make_unique<X, int>(int&&)",
        "std::make_unique");
  check("operator new(unsigned long)", "operator new");
  check("operator new[](unsigned long, std::align_val_t)", "operator new[]");
  check(
      "std::ostream& std::operator<< <std::char_traits<char> >(std::ostream&, "
      "char const*)",
      "std::operator<<");
  check("Foo::operator()(int) const", "Foo::operator()");
  check("bool operator< <A>(A const&, A const&)", "operator<");
  check("Foo::operator bool() const", "Foo::operator bool");
  check("Foo::operator std::vector<int>() const", "Foo::operator std::vector");
  check("Foo::operator->() const", "Foo::operator->");
  check(
      "std::string std::operator+<char, std::char_traits<char> >(char const*)",
      "std::operator+");
  check("operator<=> <A>(A const&, A const&)", "operator<=>");
  check("M::operator[](int)", "M::operator[]");
  check("main::<lambda(int)>::operator()", "main::<lambda(int)>::operator()");
  check("(anonymous namespace)::helper(int)", "(anonymous namespace)::helper");
  check("main::{lambda(int)#1}::operator()(int) const",
        "main::{lambda(int)#1}::operator()");
  check("run(int)::{lambda()#2}::operator()() const",
        "run::{lambda()#2}::operator()");
  check("A::run(int) const::{lambda()#1}::operator()() const",
        "A::run::{lambda()#1}::operator()");
  check("decltype(auto) apply<F>(F&&)", "apply");
  check("decltype (f({parm#1})) call<F>(F)", "call");
  check("std::__cxx11::basic_string<char>::_M_create[abi:cxx11](unsigned long)",
        "std::__cxx11::basic_string::_M_create");
  check("cooperator(int)", "cooperator");
  check("my_operator", "my_operator");
}

TEST_CASE("names that are not well-formed still give a name") {
  for (const char* name :
       {"f<", "f<<<<", "f(((", "f{", "operator", "operator<", "<>", "()", "((",
        "a::(", "x[", " ", "operator ", "-> <", "f<a->b>(int)"}) {
    INFO(name);
    CHECK_FALSE(plain_name(name).empty());
    CHECK_FALSE(without_parameters(name).empty());
  }
}

TEST_CASE("names without parameters keep their template arguments") {
  CHECK(without_parameters("void f<int>(long)") == "f<int>");
  CHECK(without_parameters(
            "std::map<std::__cxx11::basic_string<char, "
            "std::char_traits<char>, std::allocator<char> >, int>::at(int)") ==
        "std::map<std::string, int>::at");
}
