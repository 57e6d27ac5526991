// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/text.h"

namespace sagemem::report {
namespace {

// ECMA-48 SGR parameters, of the eight colours that every terminal has.
const char* parameters_of(Tone tone) {
  switch (tone) {
    case Tone::Plain:
      return "";
    case Tone::Strong:
      return "1";
    case Tone::Heading:
      return "1;36";
    case Tone::Dim:
      return "2";
    case Tone::Good:
      return "32";
    case Tone::Bad:
      return "1;31";
    case Tone::Ink:
      return "34";
  }
  return "";
}

// The next line of `text`, which is shortened by it: broken between words, and
// inside one only when it is wider than a line.
std::string_view take_line(std::string_view& text, std::size_t columns) {
  std::size_t end = text.size();
  if (columns_of(text) > columns) {
    std::size_t at = 0;
    for (std::size_t seen = 0; seen < columns; ++seen) do
        ++at;
      while (at < text.size() && (text[at] & 0xc0) == 0x80);
    const std::size_t space = text.rfind(' ', at);
    end = space == std::string_view::npos || space == 0 ? at : space;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
  return line;
}

}  // namespace

std::string Page::clean(std::string_view text) const {
  return printable(text, terminal_.utf8);
}

std::string Page::paint(Tone tone, std::string_view text) const {
  if (!terminal_.color || tone == Tone::Plain || text.empty())
    return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", parameters_of(tone), text);
}

void Page::line(std::string_view text) {
  text_ += text.substr(0, text.find_last_not_of(' ') + 1);
  text_ += '\n';
}

void Page::blank() {
  text_ += '\n';
}

void Page::heading(std::string_view title, std::string_view note) {
  if (!text_.empty()) blank();
  const std::size_t used = columns_of(title) + columns_of(note);
  const std::size_t gap = used + 2 < width() ? width() - used : 2;
  line(paint(Tone::Heading, title) + std::string(gap, ' ') +
       paint(Tone::Dim, note));
}

void Page::field(std::string_view label, std::string_view text, Tone tone) {
  std::string start = pad_right(label, kLabel);
  do {
    line(start + paint(tone, take_line(text, width() - kLabel)));
    start.assign(kLabel, ' ');
  } while (!text.empty());
}

}  // namespace sagemem::report
