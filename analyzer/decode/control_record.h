// SPDX-License-Identifier: Apache-2.0
//
// The payloads of control records, checked and taken apart.
//
// Hazard: the texts are views into the payload, and are what the file says:
// any bytes.  Whoever prints them escapes them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "sagemem/trace/events.h"

namespace sagemem::decode {

struct InfoRecord {
  std::string_view key;
  std::string_view value;
};

struct ThreadRecord {
  std::int32_t tid = 0;
  std::string_view name;
};

struct ModuleLoadRecord {
  std::uint64_t number = 0;
  std::uint64_t flags = 0;  // kModuleIsRecorder, kModuleIsExecutable
  std::uint64_t bias = 0;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::span<const std::uint8_t> build_id;
  std::string_view path;
};

struct ModuleUnloadRecord {
  std::uint64_t number = 0;
};

struct ResidentRecord {
  std::uint64_t bytes = 0;
  std::uint64_t shared_bytes = 0;  // of which shared or file
};

struct ForkRecord {
  std::int32_t child_pid = 0;
};

struct ExecRecord {
  std::string_view path;
};

using ControlRecord =
    std::variant<InfoRecord, ThreadRecord, ModuleLoadRecord, ModuleUnloadRecord,
                 ResidentRecord, ForkRecord, ExecRecord>;

[[nodiscard]] bool is_known(trace::Control type) noexcept;

// Nothing when the payload is not what its type (a known one) asks for.  Bytes
// behind the last field are a later minor version's and ignored.
std::optional<ControlRecord> parse_control(
    trace::Control type, std::span<const std::uint8_t> payload) noexcept;

}  // namespace sagemem::decode
