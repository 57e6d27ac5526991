// SPDX-License-Identifier: Apache-2.0
#include "exports/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <system_error>

#include "decode/is_trace.h"
#include "pack/temporary_file.h"

namespace sagemem::exports {
namespace {

namespace fs = std::filesystem;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

[[noreturn]] void fail(const std::string& path) {
  throw report::OutputError(path + ": " + std::strerror(errno));
}

bool is_special(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

// Of a copy of the descriptor: what closes the stream leaves the other open.
File stream_of(int fd, const std::string& path) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) fail(path);
  File file(::fdopen(copy, "w"));
  if (file != nullptr) return file;
  ::close(copy);
  fail(path);
}

mode_t new_file_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

// Fills a stream that is open for writing.
using Fill = std::function<void(report::Output& out)>;

void write_special(const std::string& path, const Fill& fill) {
  const File file(std::fopen(path.c_str(), "we"));
  if (file == nullptr) fail(path);
  report::Output out(file.get());
  fill(out);
  out.flush();
}

void write_stream(const pack::TemporaryFile& temporary, const std::string& path,
                  const Fill& fill) {
  const File file = stream_of(temporary.fd(), path);
  report::Output out(file.get());
  fill(out);
  out.flush();
}

// Without `fill` it is a database.
void write_file(const std::string& path, const Fill& fill,
                const report::Subject* subject) {
  // A link is followed: what it leads to is replaced, not the link.
  pack::TemporaryFile temporary(fs::weakly_canonical(path));
  if (fill) {
    write_stream(temporary, path, fill);
  } else {
    write_sqlite(temporary.name(), *subject);
  }
  temporary.take_name(new_file_mode());
}

}  // namespace

std::string refusal_of(const Format& format, const std::string& path) {
  if (path.empty()) {
    return format.write == nullptr ? "say with -o where to write the database"
                                   : "";
  }
  if (decode::is_trace(path)) return path + " is a trace";
  if (format.write == nullptr && is_special(path))
    return path + " is not a regular file";
  return "";
}

void write_export(const Format& format, const std::string& path,
                  report::Output& standard, const report::Subject& subject,
                  const ExportOptions& options) {
  if (path.empty()) return format.write(standard, subject, options);
  Fill fill;
  if (format.write != nullptr)
    fill = [&](report::Output& out) { format.write(out, subject, options); };
  try {
    if (is_special(path)) return write_special(path, fill);
    write_file(path, fill, &subject);
  } catch (const std::system_error& error) {
    throw report::OutputError(error.what());
  }
}

void write_text(const std::string& path, std::string_view text) {
  if (decode::is_trace(path)) throw report::OutputError(path + " is a trace");
  const Fill fill = [text](report::Output& out) { out.write(text); };
  try {
    if (is_special(path)) return write_special(path, fill);
    write_file(path, fill, nullptr);
  } catch (const std::system_error& error) {
    throw report::OutputError(error.what());
  }
}

}  // namespace sagemem::exports
