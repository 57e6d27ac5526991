// SPDX-License-Identifier: Apache-2.0
#include "text_trace.h"

#include <bit>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "decode/event_reader.h"
#include "decode/scan_text.h"
#include "decode/scope_text.h"
#include "decode/text.h"
#include "sagemem/trace/scope_facts.h"
#include "text_words.h"

namespace sagemem::test {
namespace {

using trace::Api;

std::uint8_t parse_hex_byte(std::string_view digits) {
  return static_cast<std::uint8_t>(
      parse_number("0x" + std::string(digits.substr(0, 2))));
}

std::string unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\\x") && i + 4 <= text.size()) {
      result += static_cast<char>(parse_hex_byte(text.substr(i + 2)));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

// The value of an enumeration that has this name.
template <typename Enum>
std::optional<Enum> find_value(std::string_view name,
                               std::string_view (*name_of)(Enum) noexcept) {
  for (unsigned value = 0; value < 256; ++value) {
    const auto candidate = static_cast<Enum>(value);
    if (name_of(candidate) == name) return candidate;
  }
  return std::nullopt;
}

template <typename Enum>
Enum parse_value(std::string_view name,
                 std::string_view (*name_of)(Enum) noexcept) {
  const std::optional<Enum> value = find_value(name, name_of);
  if (!value) throw std::invalid_argument("unknown: " + std::string(name));
  return *value;
}

bool is_mapping(Api api) {
  return api == Api::Mmap || api == Api::Mremap || api == Api::Brk ||
         api == Api::Munmap;
}

class Parser {
 public:
  Parser(FrameNames& names, const BuilderOptions& options)
      : trace_(options), names_(names) {}

  void line(std::string_view text) {
    Words words(text);
    if (words.empty() || text.find_first_not_of(" \t\r") == text.find('#')) {
      return;
    }
    ticks_ = words.number();
    const std::string_view who = words.take();
    const std::string_view what = words.take();
    if (who == "session") {
      session(what, words);
    } else if (who.starts_with('t')) {
      tid_ = static_cast<std::int32_t>(parse_number(who.substr(1)));
      if (what == "thread") {
        thread(words);
      } else {
        writer_ = writer_of(tid_);
        call(what, words);
      }
    } else {
      throw std::invalid_argument("neither session nor a thread");
    }
    if (!words.empty()) {
      throw std::invalid_argument("unexpected: " + std::string(words.rest()));
    }
  }

  TraceBuilder finish() && { return std::move(trace_); }

 private:
  void session(std::string_view what, Words& words);
  void thread(Words& words);
  void module(Words& words);
  void rule(Words& words);
  void probe(Words& words);
  bool scope(std::string_view what, Words& words);
  bool scan(std::string_view what, Words& words);
  void scan_words(Words& words);
  void scan_thread(Words& words);
  void scan_end(Words& words);
  void call(std::string_view what, Words& words);
  void allocation(Api api, std::uint64_t size, Words& words);
  void release(Api api, std::uint64_t address, Words& words);
  void end_of_realloc(Words& words);
  std::uint32_t writer_of(std::int32_t tid);
  Stack stack(Words& words);

  TraceBuilder trace_;
  FrameNames& names_;
  std::map<std::int32_t, std::uint32_t> writers_;  // by tid
  std::uint32_t next_writer_ = 1;
  std::uint64_t ticks_ = 0;
  std::int32_t tid_ = 0;
  std::uint32_t writer_ = 0;
};

void Parser::session(std::string_view what, Words& words) {
  if (what == "info") {
    const std::string key = unescape(words.take());
    trace_.info(ticks_, key, unescape(words.rest()));
  } else if (what == "module") {
    module(words);
  } else if (what == "unload") {
    trace_.unload_module(ticks_, words.number());
  } else if (what == "resident") {
    const std::uint64_t bytes = words.number();
    trace_.resident(ticks_, bytes, words.number());
  } else if (what == "fork") {
    trace_.forked(ticks_, static_cast<std::int32_t>(words.number()));
  } else if (what == "exec") {
    trace_.exec(ticks_, unescape(words.rest()));
  } else if (what == "rule") {
    rule(words);
  } else if (what == "probe") {
    probe(words);
  } else if (what == "snapshot") {
    trace_.snapshot(trace::kSessionWriter, ticks_, unescape(words.rest()));
  } else {
    throw std::invalid_argument("unknown record: " + std::string(what));
  }
}

void Parser::thread(Words& words) {
  const std::string_view writer = words.take();
  if (!writer.starts_with('w')) throw std::invalid_argument("expected wN");
  const auto number =
      static_cast<std::uint32_t>(parse_number(writer.substr(1)));
  writers_[tid_] = number;
  next_writer_ = std::max(next_writer_, number + 1);
  trace_.thread(number, ticks_, tid_, unescape(words.rest()));
}

void Parser::module(Words& words) {
  ModuleText module;
  module.number = words.number();
  const std::string_view range = words.take();
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) {
    throw std::invalid_argument("expected START-END");
  }
  module.start = parse_number(range.substr(0, dash));
  module.end = parse_number(range.substr(dash + 1));
  words.expect("bias");
  module.bias = words.number();
  if (words.accept("id")) {
    std::string_view digits = words.take();
    for (; digits.size() >= 2; digits.remove_prefix(2)) {
      module.build_id.push_back(parse_hex_byte(digits));
    }
  }
  if (words.accept("exe")) module.flags |= trace::kModuleIsExecutable;
  if (words.accept("recorder")) module.flags |= trace::kModuleIsRecorder;
  module.path = unescape(words.rest());
  trace_.load_module(ticks_, module);
}

void Parser::rule(Words& words) {
  RuleText rule;
  rule.number = words.number();
  rule.use = parse_value(words.take(), decode::use_name);
  rule.name = unescape(words.take());
  if (words.accept("process")) rule.flags |= trace::kRuleIsProcessWide;
  if (words.accept("built-in")) rule.flags |= trace::kRuleIsBuiltIn;
  if (words.accept("each")) rule.flags |= trace::kRuleIsEach;
  std::string_view list = words.take_if('(');
  while (list.size() > 1) {
    list.remove_prefix(1);
    std::string_view name = list.substr(0, list.find_first_of(",)"));
    list.remove_prefix(name.size());
    const bool is_at_end = name.ends_with("@end");
    if (is_at_end) name.remove_suffix(4);
    rule.captures.push_back({unescape(name), is_at_end});
  }
  trace_.scope_rule(ticks_, rule);
}

void Parser::probe(Words& words) {
  ProbeText probe;
  probe.rule = words.number();
  if (words.accept("begin")) probe.roles |= trace::kProbeBegins;
  if (words.accept("end")) probe.roles |= trace::kProbeEnds;
  probe.method = parse_value(words.take(), decode::method_name);
  std::string_view word = words.take();
  if (const auto reason = find_value(word, decode::reason_name)) {
    probe.reason = *reason;
    word = words.take();
  }
  probe.address = parse_number(word);
  probe.size = words.number();
  probe.symbol = unescape(words.rest());
  trace_.probe(ticks_, probe);
}

void Parser::scan_words(Words& words) {
  ScanText scan;
  const std::string_view range = words.take();
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) {
    throw std::invalid_argument("expected START-END");
  }
  scan.start = parse_number(range.substr(0, dash));
  scan.end = parse_number(range.substr(dash + 1));
  scan.kind = parse_value(words.take(), decode::kind_name);
  if (words.accept("guarded")) scan.flags |= trace::kRegionIsGuarded;
  while (!words.empty()) {
    const std::string_view word = words.take();
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      throw std::invalid_argument("expected LOCATION=VALUE");
    }
    scan.words.emplace_back(parse_number(word.substr(0, equals)),
                            parse_number(word.substr(equals + 1)));
  }
  trace_.scan_words(writer_, ticks_, scan);
}

void Parser::scan_thread(Words& words) {
  ScanThreadText thread;
  thread.tid = words.number();
  thread.stop = parse_value(words.take(), decode::stop_name);
  words.expect("sp");
  thread.stack_pointer = words.number();
  words.expect("tp");
  thread.thread_pointer = words.number();
  while (!words.empty()) thread.registers.push_back(words.number());
  trace_.scan_thread(writer_, ticks_, thread);
}

void Parser::scan_end(Words& words) {
  const auto outcome = parse_value(words.take(), decode::outcome_name);
  std::vector<std::uint64_t> numbers;
  for (const char* name :
       {"records", "words", "bytes", "unread", "ns", "threads", "missed"}) {
    words.expect(name);
    numbers.push_back(words.number());
  }
  trace_.scan_end(writer_, ticks_, outcome, numbers);
}

// False when it is none of the leak scan's records.
bool Parser::scan(std::string_view what, Words& words) {
  if (what == "scan_words") {
    scan_words(words);
  } else if (what == "scan_thread") {
    scan_thread(words);
  } else if (what == "scan_end") {
    scan_end(words);
  } else {
    return false;
  }
  return true;
}

// False when it is none of the events of scopes.
bool Parser::scope(std::string_view what, Words& words) {
  if (what == "snapshot") {
    trace_.snapshot(writer_, ticks_, unescape(words.rest()));
    return true;
  }
  const bool is_begin = what == "scope_begin";
  const bool is_end = what == "scope_end";
  if (!is_begin && !is_end && what != "label" && what != "note") return false;
  const std::uint64_t rule = words.number();
  const bool has_flag = (is_begin && words.accept("process")) ||
                        (is_end && words.accept("abandoned"));
  const std::vector<std::int64_t> values = words.values();
  if (is_begin) {
    trace_.scope_begin(writer_, ticks_, rule, values, has_flag);
  } else if (is_end) {
    trace_.scope_end(writer_, ticks_, rule, values, has_flag);
  } else if (what == "label") {
    trace_.label(writer_, ticks_, rule, values);
  } else {
    trace_.note(writer_, ticks_, rule, values);
  }
  return true;
}

void Parser::call(std::string_view what, Words& words) {
  if (scope(what, words) || scan(what, words)) return;
  if (what == "realloc_begin") {
    trace_.realloc_begin(writer_, ticks_, words.number());
    return;
  }
  if (what == "realloc_end") {
    end_of_realloc(words);
    return;
  }
  const std::optional<Api> api = find_value(what, decode::api_name);
  if (!api) {
    throw std::invalid_argument("unknown function: " + std::string(what));
  }
  const std::uint64_t first = words.number();
  // An arrow makes it an allocation; a release names its block first.
  Words rest = words;
  if (rest.accept("align")) rest.take();
  if (rest.accept("->")) {
    allocation(*api, first, words);
  } else {
    release(*api, first, words);
  }
}

void Parser::allocation(Api api, std::uint64_t size, Words& words) {
  unsigned alignment_log2 = 0;
  if (words.accept("align")) {
    alignment_log2 = static_cast<unsigned>(std::bit_width(words.number())) - 1;
  }
  words.expect("->");
  if (words.accept("failed")) {
    trace_.alloc_failed(writer_, ticks_, size, stack(words), api,
                        alignment_log2);
    return;
  }
  const std::uint64_t address = words.number();
  if (is_mapping(api)) {
    trace_.map(writer_, ticks_, size, address, stack(words), api);
  } else {
    trace_.alloc(writer_, ticks_, size, address, stack(words), api,
                 alignment_log2);
  }
}

void Parser::release(Api api, std::uint64_t address, Words& words) {
  if (is_mapping(api)) {
    const std::uint64_t size = words.number();
    trace_.unmap(writer_, ticks_, size, address, stack(words), api);
  } else if (words.empty()) {
    trace_.free(writer_, ticks_, address, api);
  } else {
    trace_.free(writer_, ticks_, address, api, stack(words));
  }
}

void Parser::end_of_realloc(Words& words) {
  const std::uint64_t size = words.number();
  Api api = Api::Realloc;
  if (words.accept("by")) {
    const std::optional<Api> named = find_value(words.take(), decode::api_name);
    if (!named) throw std::invalid_argument("unknown function");
    api = *named;
  }
  words.expect("->");
  const bool has_none = words.accept("failed") || words.accept("released");
  const std::uint64_t address = has_none ? 0 : words.number();
  trace_.realloc_end(writer_, ticks_, size, address, stack(words), api);
}

std::uint32_t Parser::writer_of(std::int32_t tid) {
  const auto [slot, is_new] = writers_.try_emplace(tid, next_writer_);
  if (is_new) {
    ++next_writer_;
    trace_.thread(slot->second, ticks_, tid);
  }
  return slot->second;
}

Stack Parser::stack(Words& words) {
  Stack result;
  if (words.empty()) return result;
  words.expect("@");
  // Names may hold spaces and what C++ puts into them, but no slash.
  std::string_view text = words.rest();
  while (true) {
    const std::size_t slash = text.find('/');
    const std::string_view frame = text.substr(0, slash);
    const bool is_number = !frame.empty() && frame[0] >= '0' && frame[0] <= '9';
    result.push_back(is_number ? parse_number(frame) : names_.address(frame));
    if (slash == std::string_view::npos) return result;
    text.remove_prefix(slash + 1);
  }
}

}  // namespace

std::uint64_t FrameNames::address(std::string_view name) {
  const auto found = addresses_.find(name);
  if (found != addresses_.end()) return found->second;
  const std::uint64_t address = kFirstNamedFrame + 16 * names_.size();
  addresses_.emplace(name, address);
  names_.emplace_back(name);
  return address;
}

std::string FrameNames::name(std::uint64_t address) const {
  const std::uint64_t index = (address - kFirstNamedFrame) / 16;
  if (address < kFirstNamedFrame || index >= names_.size()) return {};
  return names_[static_cast<std::size_t>(index)];
}

TraceBuilder text_to_trace(std::string_view text,
                           const BuilderOptions& options) {
  FrameNames names;
  return text_to_trace(text, names, options);
}

TraceBuilder text_to_trace(std::string_view text, FrameNames& names,
                           const BuilderOptions& options) {
  Parser parser(names, options);
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    try {
      parser.line(line);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("line " + std::to_string(number) + ": " +
                                  error.what() + ": " + std::string(line));
    }
  }
  return std::move(parser).finish();
}

std::string trace_to_text(const decode::TraceFile& file,
                          const FrameNames& names) {
  decode::TextStyle style;
  style.start_ticks = file.clock().start_ticks();
  style.name_frame = [&names](std::uint64_t address) {
    std::string name = names.name(address);
    if (!name.empty()) return name;
    char digits[16];
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof digits, address, 16);
    return "0x" + std::string(digits, end);
  };
  std::string result;
  decode::EventReader reader(file);
  while (const decode::Event* event = reader.next()) {
    result += decode::print_event(*event, style);
    result += '\n';
  }
  return result;
}

}  // namespace sagemem::test
