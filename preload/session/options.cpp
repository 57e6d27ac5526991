// SPDX-License-Identifier: Apache-2.0
#include "session/options.h"

#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "platform/raw_log.h"

// Set by the loader before anything else runs: where the kernel put argc,
// the argument pointers, a null pointer, the environment pointers (System V
// ABI AMD64 supplement, 3.4.1).  Public, if not documented, in all of glibc.
extern "C" void* __libc_stack_end __attribute__((weak));

namespace sagemem {

namespace {

struct Switch {
  const char* name;
  bool Options::*value;
};

constexpr Switch kSwitches[] = {
    {"SAGEMEM_QUIET", &Options::quiet},  // first: it governs the others' lines
    {"SAGEMEM_OFF", &Options::off},
    {"SAGEMEM_FOLLOW", &Options::follow},
    {"SAGEMEM_MMAP", &Options::mmap},
    {"SAGEMEM_LEAK_SCAN", &Options::leak_scan},
};

// One of two words; the first is the default.
struct Choice {
  const char* name;
  const char* usual;
  const char* other;
  bool Options::*is_other;
};

constexpr Choice kChoices[] = {
    {"SAGEMEM_UNWIND", "verified", "libunwind", &Options::use_libunwind},
    {"SAGEMEM_STACKS", "alloc", "both", &Options::free_stacks},
    {"SAGEMEM_STAMPS", "few", "every", &Options::stamp_every},
};

constexpr const char* kOnWords[] = {"1", "on", "yes", "true"};
constexpr const char* kOffWords[] = {"0", "off", "no", "false"};

bool is_one_of(const char* text, const char* const (&words)[4]) noexcept {
  for (const char* word : words) {
    if (std::strcmp(text, word) == 0) return true;
  }
  return false;
}

void read_switch(const Switch& item, const char* text,
                 Options& options) noexcept {
  if (is_one_of(text, kOnWords)) {
    options.*item.value = true;
  } else if (is_one_of(text, kOffWords)) {
    options.*item.value = false;
  } else {
    LogLine line;
    line.add(item.name).add(": '").add(text).add("' is not on or off; using ");
    line.add(options.*item.value ? "on" : "off");
    raw_log(options.quiet, line);
  }
}

void read_choice(const Choice& item, const char* text,
                 Options& options) noexcept {
  options.*item.is_other = std::strcmp(text, item.other) == 0;
  if (options.*item.is_other || std::strcmp(text, item.usual) == 0) return;
  LogLine line;
  line.add(item.name).add(": '").add(text).add("' is neither ");
  line.add(item.usual).add(" nor ").add(item.other).add("; using ");
  line.add(item.usual);
  raw_log(options.quiet, line);
}

// Digits, and K, M or G for powers of 1024.  0 when it is something else.
std::uint64_t parse_size(const char* text) noexcept {
  std::uint64_t size = 0;
  for (; *text >= '0' && *text <= '9'; ++text) {
    if (__builtin_mul_overflow(size, 10u, &size) ||
        __builtin_add_overflow(size, static_cast<unsigned>(*text - '0'),
                               &size)) {
      return 0;
    }
  }
  if (*text == '\0') return size;
  const char* const letters = "KMG";
  const char* const letter = std::strchr(letters, *text & ~0x20);
  if (letter == nullptr || *letter == '\0' || text[1] != '\0') return 0;
  const std::uint64_t factor = std::uint64_t{1} << 10 * (letter - letters + 1);
  return __builtin_mul_overflow(size, factor, &size) ? 0 : size;
}

void read_max_bytes(const char* text, Options& options) noexcept {
  if (text == nullptr) return;
  options.max_bytes = parse_size(text);
  if (options.max_bytes != 0) return;
  LogLine line;
  line.add("SAGEMEM_MAX_BYTES: '").add(text);
  line.add("' is not a size such as 500M; using no limit");
  raw_log(options.quiet, line);
}

// Three words, or from which length of the trace on.
void read_pack(const char* text, Options& options) noexcept {
  if (text == nullptr || std::strcmp(text, "auto") == 0) return;
  if (is_one_of(text, kOnWords)) {
    options.pack_at = 0;
  } else if (is_one_of(text, kOffWords)) {
    options.pack_at = kPackNever;
  } else if (const std::uint64_t size = parse_size(text); size != 0) {
    options.pack_at = size;
  } else {
    LogLine line;
    line.add("SAGEMEM_PACK: '").add(text);
    line.add("' is not on, off, auto or a size such as 500M; using auto");
    raw_log(options.quiet, line);
  }
}

void read_probes(const char* text, Options& options) noexcept {
  if (text == nullptr || std::strcmp(text, "auto") == 0) return;
  if (std::strcmp(text, "jumps") == 0) {
    options.probes = ProbeLimit::Jumps;
  } else if (std::strcmp(text, "entry") == 0) {
    options.probes = ProbeLimit::EntryOnly;
  } else if (is_one_of(text, kOffWords)) {
    options.probes = ProbeLimit::None;
  } else {
    LogLine line;
    line.add("SAGEMEM_PROBES: '").add(text);
    line.add("' is not auto, jumps, entry or off; using auto");
    raw_log(options.quiet, line);
  }
}

// A trailing % or an unknown letter is most likely a typing error; taking it
// literally would hide the trace under an odd name.
bool is_valid_pattern(const char* pattern) noexcept {
  if (*pattern == '\0') return false;
  for (const char* p = pattern; *p != '\0'; ++p) {
    if (*p != '%') continue;
    ++p;
    if (*p == '\0' || std::strchr("epnhr%", *p) == nullptr) return false;
  }
  return true;
}

}  // namespace

const char* const* find_environment() noexcept {
  if (environ != nullptr) return environ;
  if (&__libc_stack_end == nullptr || __libc_stack_end == nullptr) {
    return nullptr;
  }
  const auto* stack = static_cast<const char* const*>(__libc_stack_end);
  const auto arguments = *reinterpret_cast<const std::intptr_t*>(stack);
  return stack + 1 + arguments + 1;
}

const char* environment_value(const char* const* environment,
                              const char* name) noexcept {
  if (environment == nullptr) return nullptr;
  const std::size_t length = std::strlen(name);
  for (; *environment != nullptr; ++environment) {
    if (std::strncmp(*environment, name, length) == 0 &&
        (*environment)[length] == '=') {
      return *environment + length + 1;
    }
  }
  return nullptr;
}

Options read_options(const char* const* environment) noexcept {
  Options options;
  for (const Switch& item : kSwitches) {
    const char* text = environment_value(environment, item.name);
    if (text != nullptr) read_switch(item, text, options);
  }
  for (const Choice& item : kChoices) {
    const char* text = environment_value(environment, item.name);
    if (text != nullptr) read_choice(item, text, options);
  }
  const char* pattern = environment_value(environment, "SAGEMEM_OUTPUT");
  if (pattern != nullptr && is_valid_pattern(pattern)) {
    options.output = pattern;
  } else if (pattern != nullptr) {
    LogLine line;
    line.add("SAGEMEM_OUTPUT: '").add(pattern);
    line.add("' is empty or has a % that is not one of %e %p %n %h %r %%; ");
    line.add("using ").add(options.output);
    raw_log(options.quiet, line);
  }
  options.spool = environment_value(environment, "SAGEMEM_SPOOL");
  read_max_bytes(environment_value(environment, "SAGEMEM_MAX_BYTES"), options);
  read_pack(environment_value(environment, "SAGEMEM_PACK"), options);
  options.packer = environment_value(environment, "SAGEMEM_PACKER");
  options.scopes = environment_value(environment, "SAGEMEM_SCOPES");
  read_probes(environment_value(environment, "SAGEMEM_PROBES"), options);
  return options;
}

}  // namespace sagemem
