// SPDX-License-Identifier: Apache-2.0
#include "symbolize/source_text.h"

#include <sys/stat.h>
#include <unistd.h>

#include "decode/symbol_section.h"
#include "symbolize/regular_file.h"

namespace sagemem::symbolize {
namespace {

// Beyond any source file that a person wrote.
constexpr off_t kMaxBytes = 32 << 20;

constexpr const char* kSpace = " \t\r\f\v";

std::string trim(const std::string& text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string read_all(int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t length = 0;
  while (length < size) {
    const ssize_t count = ::read(fd, text.data() + length, size - length);
    if (count <= 0) break;  // shorter than it was: take what there is
    length += static_cast<std::size_t>(count);
  }
  text.resize(length);
  return text;
}

}  // namespace

SourceText::SourceText(std::int64_t recorded_ns, FileSearch search,
                       const decode::SymbolSection* embedded)
    : recorded_ns_(recorded_ns),
      search_(std::move(search)),
      is_embedded_(embedded != nullptr) {
  if (embedded == nullptr) return;
  for (const decode::SourceLine& one : embedded->source_lines)
    known_.try_emplace({std::string(one.file), one.line}, one.text);
}

std::string SourceText::line(const std::string& file, std::uint32_t number) {
  if (file.empty() || number == 0) return "";
  if (is_embedded_) {
    const auto known = known_.find({file, number});
    return known != known_.end() ? known->second : "";
  }
  const auto [at, is_new] = files_.try_emplace(file);
  if (is_new) at->second = read(file);
  const Lines& lines = at->second;
  return number <= lines.size() ? trim(lines[number - 1]) : "";
}

SourceText::Lines SourceText::read(const std::string& file) const {
  for (const std::string& name : search_.sources_of(file)) {
    Lines lines = read_one(name);
    if (!lines.empty()) return lines;
  }
  return {};
}

SourceText::Lines SourceText::read_one(const std::string& name) const {
  const auto source = open_regular_file(name);
  struct stat status {};
  if (!source.is_open() || fstat(source.get(), &status) != 0 ||
      status.st_size > kMaxBytes)
    return {};
  const std::int64_t written_ns =
      status.st_mtim.tv_sec * std::int64_t{1'000'000'000} +
      status.st_mtim.tv_nsec;
  if (written_ns > recorded_ns_) return {};
  const std::string text =
      read_all(source.get(), static_cast<std::size_t>(status.st_size));
  Lines lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace sagemem::symbolize
