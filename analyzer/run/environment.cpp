// SPDX-License-Identifier: Apache-2.0

#include "run/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "rules/built_in.h"

namespace sagemem::run {

namespace {

constexpr char kDefaultPattern[] = "sagemem.%e.%p.smt";

class Environment {
 public:
  Environment() {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      entries_.emplace_back(*entry);
    }
  }

  void set(std::string_view name, std::string_view value) {
    unset(name);
    entries_.push_back(std::string(name).append("=").append(value));
  }
  void unset(std::string_view name) {
    std::erase_if(entries_, [&](const std::string& entry) {
      return entry.starts_with(name) && entry.substr(name.size(), 1) == "=";
    });
  }
  std::vector<std::string> take() { return std::move(entries_); }

 private:
  std::vector<std::string> entries_;
};

// As the recorder reads them; none, if the profile has none.
std::string recorder_rules(const std::string& profile) {
  std::string text;
  for (const std::string& rule : rules::load_rules(profile).recorder) {
    text += text.empty() ? rule : "; " + rule;
  }
  return text.empty() ? "off" : text;
}

}  // namespace

std::string output_pattern(const Options& options) {
  const char* inherited = std::getenv("SAGEMEM_OUTPUT");
  std::string pattern = options.output;
  if (pattern.empty() && inherited != nullptr) pattern = inherited;
  if (pattern.empty()) pattern = kDefaultPattern;
  if (pattern.front() == '/') return pattern;
  const std::string directory = std::filesystem::current_path();
  std::string result;
  for (const char byte : directory) {
    result.append(byte == '%' ? 2 : 1, byte);
  }
  return result + "/" + pattern;
}

std::vector<std::string> recording_environment(const Options& options,
                                               const std::string& library,
                                               const std::string& pattern) {
  Environment environment;
  const char* preloaded = std::getenv("LD_PRELOAD");
  // First in the list is first in the lookup: the allocator that an existing
  // preload brings is the one that ours calls.
  environment.set("LD_PRELOAD", preloaded == nullptr || *preloaded == '\0'
                                    ? library
                                    : library + ":" + preloaded);
  environment.set("SAGEMEM_OUTPUT", pattern);
  environment.unset("SAGEMEM_OFF");
  if (!options.profile.empty()) {
    environment.set("SAGEMEM_SCOPES", recorder_rules(options.profile));
  }
  if (options.record_mmap) environment.set("SAGEMEM_MMAP", "1");
  if (!options.follow) environment.set("SAGEMEM_FOLLOW", "0");
  if (options.quiet) environment.set("SAGEMEM_QUIET", "1");
  return environment.take();
}

}  // namespace sagemem::run
