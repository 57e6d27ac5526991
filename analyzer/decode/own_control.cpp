// SPDX-License-Identifier: Apache-2.0
#include "decode/own_control.h"

#include <variant>

namespace sagemem::decode {

// One for each type of record, so that a new one cannot be forgotten.
struct ControlTexts::Owner {
  ControlTexts& texts;

  void operator()(InfoRecord& record) const {
    record.key = texts.copy(record.key);
    record.value = texts.copy(record.value);
  }
  void operator()(ThreadRecord& record) const {
    record.name = texts.copy(record.name);
  }
  void operator()(ModuleLoadRecord& record) const {
    record.build_id = texts.copy(record.build_id);
    record.path = texts.copy(record.path);
  }
  void operator()(ModuleUnloadRecord&) const {}
  void operator()(ResidentRecord&) const {}
  void operator()(ForkRecord&) const {}
  void operator()(ExecRecord& record) const {
    record.path = texts.copy(record.path);
  }
  void operator()(ScopeRuleRecord& record) const {
    record.name = texts.copy(record.name);
    for (std::size_t i = 0; i < record.capture_count; ++i) {
      Capture& capture = record.capture_slots[i];
      capture.name = texts.copy(capture.name);
    }
  }
  void operator()(ProbeRecord& record) const {
    record.symbol = texts.copy(record.symbol);
  }
  void operator()(SnapshotRecord& record) const {
    record.label = texts.copy(record.label);
  }
  void operator()(ScanWordsRecord& record) const {
    record.words = texts.copy(record.words);
  }
  void operator()(ScanThreadRecord& record) const {
    record.registers = texts.copy(record.registers);
  }
  void operator()(ScanEndRecord&) const {}
};

void ControlTexts::own(ControlRecord& record) {
  std::visit(Owner{*this}, record);
}

std::span<const std::uint8_t> ControlTexts::copy(
    std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  return copies_.emplace_back(bytes.begin(), bytes.end());
}

std::string_view ControlTexts::copy(std::string_view text) {
  const auto* const start = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto bytes = copy(std::span(start, text.size()));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace sagemem::decode
