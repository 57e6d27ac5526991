// SPDX-License-Identifier: Apache-2.0
//
// A report as it grows: lines of text for one terminal.  Reports are built here
// and written at once, so that a reader never sees half of one.
//
// Widths are counted before colour is put on: pad or shorten first, then paint.
// Everything that comes from a trace goes through clean() on its way in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "report/terminal.h"

namespace sagemem::report {

enum class Tone {
  Plain,
  Strong,   // the numbers that matter
  Heading,  // of a section
  Dim,      // places, notes
  Good,     // exact
  Bad,      // lost, leaked
  Ink,      // bars and curves
};

class Page {
 public:
  // Columns of the label in front of a field.
  static constexpr std::size_t kLabel = 16;

  explicit Page(const Terminal& terminal) : terminal_(terminal) {}

  [[nodiscard]] std::size_t width() const { return terminal_.width; }
  [[nodiscard]] bool utf8() const { return terminal_.utf8; }
  [[nodiscard]] const std::string& text() const { return text_; }

  [[nodiscard]] std::string clean(std::string_view text) const;
  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;

  void line(std::string_view text);
  void blank();
  // An empty line above unless it is the first, the note at the right edge.
  void heading(std::string_view title, std::string_view note = "");
  // The label, then the text, wrapped between words.
  void field(std::string_view label, std::string_view text,
             Tone tone = Tone::Plain);

 private:
  Terminal terminal_;
  std::string text_;
};

}  // namespace sagemem::report
