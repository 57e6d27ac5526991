// SPDX-License-Identifier: Apache-2.0

#include "run/inspect.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "run/file_descriptor.h"
#include "run/find_program.h"

namespace sagemem::run {

namespace {

// BINPRM_BUF_SIZE: how much of a #! line the kernel reads.
constexpr std::size_t kScriptLineBytes = 256;
// Linux gives up with ELOOP after five interpreters in a row.
constexpr int kMaxInterpreters = 5;

Refusal cannot_profile(std::string reason) {
  return {kExitCannotProfile, std::move(reason)};
}

// ld.so(8) drops LD_PRELOAD when the kernel sets AT_SECURE: an effective id
// differs from the real one, or the file brought capabilities to a user who
// is not root.  A mount with nosuid and the no_new_privs bit turn both off.
std::optional<Refusal> inspect_privileges(const std::string& path) {
  struct stat status {};
  struct statvfs mount {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  if (statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_NOSUID) != 0) {
    return std::nullopt;
  }
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) return std::nullopt;
  constexpr char kConsequence[] = ": the dynamic loader ignores LD_PRELOAD";
  if ((status.st_mode & S_ISUID) != 0 && status.st_uid != getuid()) {
    return cannot_profile(
        fmt::format("set-user-id of another user{}", kConsequence));
  }
  // Without the group's execute bit, set-group-id meant mandatory locking.
  constexpr mode_t kSetGroup = S_ISGID | S_IXGRP;
  if ((status.st_mode & kSetGroup) == kSetGroup && status.st_gid != getgid()) {
    return cannot_profile(
        fmt::format("set-group-id of another group{}", kConsequence));
  }
  if (getuid() != 0 &&
      getxattr(path.c_str(), "security.capability", nullptr, 0) > 0) {
    return cannot_profile(fmt::format("has file capabilities{}", kConsequence));
  }
  return std::nullopt;
}

std::optional<Refusal> inspect_elf(const ElfFacts& program,
                                   const ElfFacts& library) {
  if (!program.is_program) return Refusal{kExitNotExecutable, "no program"};
  if (program.machine != library.machine ||
      program.elf_class != library.elf_class) {
    return cannot_profile(fmt::format("built for {}, libsagemem.so for {}",
                                      machine_name(program),
                                      machine_name(library)));
  }
  if (program.interpreter.empty()) {
    // The dynamic loader may be run as a program; it has no loader above it.
    if (program.soname.starts_with("ld-linux")) return std::nullopt;
    return cannot_profile(
        "statically linked: no dynamic loader, nothing can be preloaded");
  }
  const auto loader =
      std::filesystem::path(program.interpreter).filename().string();
  if (loader.starts_with("ld-musl")) {
    return cannot_profile("built for musl, libsagemem.so for glibc");
  }
  if (access(program.interpreter.c_str(), F_OK) != 0) {
    return Refusal{
        kExitNotFound,
        fmt::format("its dynamic loader {} is not found", program.interpreter)};
  }
  if (program.exports_malloc) {
    return cannot_profile(
        "defines malloc itself: found before the preloaded one");
  }
  return std::nullopt;
}

struct Script {
  std::string interpreter;
  std::string argument;
};

// The first line of a script, parted as the kernel does: the interpreter, and
// all the rest as one argument.
std::optional<Script> read_script(int fd) {
  std::array<char, kScriptLineBytes> buffer{};
  const ssize_t got = pread(fd, buffer.data(), buffer.size(), 0);
  if (got < 2) return std::nullopt;
  std::string_view line(buffer.data(), static_cast<std::size_t>(got));
  if (!line.starts_with("#!")) return std::nullopt;
  line = line.substr(2, std::min(line.find('\n'), line.size()) - 2);
  constexpr char kBlank[] = " \t";
  const auto trim = [&](std::string_view text) {
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return std::string_view();
    const auto last = text.find_last_not_of(kBlank);
    return text.substr(first, last - first + 1);
  };
  line = trim(line);
  const auto end = std::min(line.find_first_of(kBlank), line.size());
  return Script{std::string(line.substr(0, end)),
                std::string(trim(line.substr(end)))};
}

std::optional<Refusal> inspect_file(const std::string& path,
                                    const ElfFacts& library, int depth);

// An interpreter's refusal reads as a property of the script.
std::optional<Refusal> inspect_interpreter(const std::string& path,
                                           const ElfFacts& library, int depth) {
  auto refusal = inspect_file(path, library, depth);
  if (refusal) {
    refusal->reason =
        fmt::format("its interpreter {}: {}", path, refusal->reason);
  }
  return refusal;
}

// `#!/usr/bin/env python3` runs python3, which is what will be profiled.
std::optional<Refusal> inspect_env_argument(const Script& script,
                                            const ElfFacts& library,
                                            int depth) {
  // All of it is one word to env: the kernel does not part it further.
  const std::string& name = script.argument;
  if (name.empty() || name.front() == '-' ||
      name.find('=') != std::string::npos) {
    return std::nullopt;
  }
  auto found = find_program(name);
  if (const auto* refusal = std::get_if<Refusal>(&found)) {
    return Refusal{refusal->exit_code, fmt::format("its interpreter {}: {}",
                                                   name, refusal->reason)};
  }
  return inspect_interpreter(std::get<std::string>(found), library, depth);
}

std::optional<Refusal> inspect_script(const Script& script,
                                      const ElfFacts& library, int depth) {
  if (script.interpreter.empty()) {
    return Refusal{kExitNotExecutable, "names no interpreter after #!"};
  }
  // Relative interpreters are legal; a bare name is not looked up on PATH.
  const std::string path = script.interpreter.find('/') == std::string::npos
                               ? "./" + script.interpreter
                               : script.interpreter;
  const auto found = find_program(path);
  if (const auto* refusal = std::get_if<Refusal>(&found)) {
    return Refusal{refusal->exit_code,
                   fmt::format("its interpreter {}: {}", script.interpreter,
                               refusal->reason)};
  }
  auto refusal = inspect_interpreter(path, library, depth + 1);
  if (!refusal && std::filesystem::path(path).filename() == "env") {
    refusal = inspect_env_argument(script, library, depth + 1);
  }
  return refusal;
}

std::optional<Refusal> inspect_file(const std::string& path,
                                    const ElfFacts& library, int depth) {
  if (depth > kMaxInterpreters) {
    return Refusal{kExitNotExecutable, "too many interpreters in a row"};
  }
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return inspect_privileges(path);
  // Before the privileges: the kernel ignores those of a script.
  if (const auto script = read_script(file.get())) {
    return inspect_script(*script, library, depth);
  }
  if (auto refusal = inspect_privileges(path)) return refusal;
  if (const auto facts = read_elf_facts(file.get())) {
    return inspect_elf(*facts, library);
  }
  // Neither: execvp(3) hands a text file to the shell.
  return inspect_interpreter("/bin/sh", library, depth + 1);
}

}  // namespace

std::optional<Refusal> inspect_program(const std::string& path,
                                       const ElfFacts& library) {
  return inspect_file(path, library, 0);
}

}  // namespace sagemem::run
