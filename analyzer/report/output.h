// SPDX-License-Identifier: Apache-2.0
//
// Where reports go.  A reader that has seen enough (`| head`) is no error:
// OutputClosed unwinds to main, which ends quietly.  Any other failure is one,
// because half a report must not pass for a whole one.
#pragma once

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>

namespace sagemem::report {

class OutputClosed : public std::exception {};

class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Output {
 public:
  explicit Output(std::FILE* file) : file_(file) {}

  void write(std::string_view text);
  // Errors of buffered bytes show here: to be called before success is claimed.
  void flush();

 private:
  [[noreturn]] static void fail();

  std::FILE* file_;
};

}  // namespace sagemem::report
